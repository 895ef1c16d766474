using CdcSync.Host.Run;
using Microsoft.AspNetCore.Mvc;

namespace CdcSync.Host.Api;

/// <summary>The API of data stewards: all below <c>/mdm</c>, described by <c>/mdm/openapi.json</c>.</summary>
static class MdmApi
{
    public static void MapMdm(this WebApplication app, Appliance appliance, ILoggerFactory loggers)
    {
        if (appliance.Settings.Mdm is not { } settings) return;
        var mdm = app.MapGroup("/mdm").AddEndpointFilter(Answers.ToProblemAsync).WithMetadata(new RequestSizeLimitAttribute(Answers.LargestBody));
        mdm.MapGet("/openapi.json", () => Results.Stream(typeof(MdmApi).Assembly.GetManifestResourceStream("CdcSync.Host.api.openapi.json")!, "application/json"));
        MdmReads.Map(mdm, appliance, settings);
        MdmDecisions.Map(mdm, appliance, settings, loggers);
    }
}
