using System.Data.Common;
using System.Reflection;
using CdcSync.Contract.Settings;

namespace CdcSync.Capture.Tables;

/// <summary>ADO.NET providers by name: those that came with us, and those somebody put beside us.</summary>
static class Providers
{
    static readonly Dictionary<string, string> Assemblies = new(StringComparer.Ordinal)
    {
        ["Oracle.ManagedDataAccess.Client"] = "Oracle.ManagedDataAccess",
        ["MySql.Data.MySqlClient"] = "MySql.Data",
    };

    /// <exception cref="SettingsException">There is none of this name.</exception>
    public static DbProviderFactory Find(TablesSettings settings)
    {
        if (DbProviderFactories.TryGetFactory(settings.Provider, out var registered)) return registered;
        var assembly = Load(settings);
        var type = assembly.GetExportedTypes().FirstOrDefault(t => t.IsSubclassOf(typeof(DbProviderFactory)) && !t.IsAbstract)
            ?? throw new SettingsException("provider", $"{assembly.GetName().Name} has no DbProviderFactory: it is no ADO.NET provider");
        return (DbProviderFactory)(type.GetField("Instance", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) ?? Activator.CreateInstance(type)!);
    }

    static Assembly Load(TablesSettings settings)
    {
        var name = Assemblies.GetValueOrDefault(settings.Provider, settings.Provider);
        var beside = Path.Combine(AppContext.BaseDirectory, "providers", name + ".dll");
        try
        {
            if (settings.ProviderFile is { } file) return Assembly.LoadFrom(Path.GetFullPath(file));
            return File.Exists(beside) ? Assembly.LoadFrom(beside) : Assembly.Load(name);
        }
        catch (Exception missing) when (missing is IOException or BadImageFormatException)
        {
            throw new SettingsException("provider", $"there is no ADO.NET provider '{settings.Provider}' here ({missing.Message}). Put {name}.dll and what it needs into {Path.GetDirectoryName(beside)}, or name it with 'provider_file'");
        }
    }
}
