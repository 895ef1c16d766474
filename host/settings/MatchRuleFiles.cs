using CdcSync.Contract.Canonical;
using CdcSync.Contract.Settings;
using CdcSync.Mdm;
using CdcSync.Mdm.Clustering;
using CdcSync.Mdm.Likeness;
using CdcSync.Mdm.Rules;

namespace CdcSync.Host.Settings;

/// <summary>Reads the rule files by which golden records are matched by likeness.</summary>
static class MatchRuleFiles
{
    /// <summary>The settings with their rule files read: those named, and the shipped ones where none is.</summary>
    /// <param name="settings">The settings as they stand.</param>
    /// <param name="folder">Where paths begin: the folder of the settings' file.</param>
    /// <exception cref="InvalidSettingsException">A file is wrong; all that is wrong in it is told.</exception>
    public static MdmSettings Read(MdmSettings settings, string folder)
    {
        var rules = new Dictionary<string, MatchRules>(StringComparer.Ordinal);
        foreach (var kind in GoldenIds.Kinds)
            if (settings.Rules.GetValueOrDefault(kind.Name, "shipped") is var named and not "off") rules.Add(kind.Name, Read(kind, named == "shipped" ? null : Path.Combine(folder, named)));
        return settings.With(rules);
    }

    /// <summary>One object's rule file; without a path the shipped one.</summary>
    /// <exception cref="InvalidSettingsException">It is wrong; all that is wrong in it is told.</exception>
    public static MatchRules Read(CanonicalKind kind, string? path)
    {
        var file = path is null ? YamlFile.Parse(ShippedRules.Name(kind.Name), ShippedRules.Text(kind.Name)) : YamlFile.Read(path);
        var binder = new SettingsBinder(file);
        var rules = binder.Bind<MatchRules>(file.Root, "");
        if (rules is not null)
            try
            {
                if (rules.Object != kind.Name) throw new SettingsException("object", $"the file is for '{rules.Object}', and is named for {kind.Name}");
                _ = new CanonicalTexts(kind, rules);
            }
            catch (SettingsException wrong)
            {
                binder.Error(file.Root, wrong.Path, wrong.Message[(wrong.Path.Length + 2)..]);
            }
        binder.ThrowIfWrong();
        return rules!;
    }
}
