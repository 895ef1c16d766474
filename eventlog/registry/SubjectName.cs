namespace CdcSync.EventLog.Registry;

/// <summary>Names of subjects, with Confluent's contexts as far as they go here: the default one.</summary>
static class SubjectName
{
    const string DefaultContext = ":.:";

    /// <summary>The subject without the default context's mark.</summary>
    /// <exception cref="SchemaRegistryException">42208: empty, with control characters, or of another context.</exception>
    public static string Check(string subject)
    {
        var name = subject.StartsWith(DefaultContext, StringComparison.Ordinal) ? subject[DefaultContext.Length..] : subject;
        if (name.StartsWith(":.", StringComparison.Ordinal)) throw RegistryErrors.InvalidSubject(subject, "this registry has the default context only");
        if (name.Length == 0) throw RegistryErrors.InvalidSubject(subject, "it is empty");
        if (name.Any(char.IsControl)) throw RegistryErrors.InvalidSubject(subject, "it has control characters");
        return name;
    }

    /// <summary>What subjects have to start with: <c>:*:</c> stands for every context.</summary>
    public static string Prefix(string prefix) =>
        prefix.StartsWith(":*:", StringComparison.Ordinal) ? prefix[3..] : prefix.StartsWith(DefaultContext, StringComparison.Ordinal) ? prefix[DefaultContext.Length..] : prefix;
}
