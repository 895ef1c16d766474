namespace CdcSync.Mdm.Standardise;

/// <summary>An e-mail address beside its text.</summary>
/// <param name="Local">Before the @, without tag.</param>
/// <param name="Domain">After it.</param>
/// <param name="IsFreemail">True for the domains where anybody has an address: an equal domain says nothing.</param>
public sealed record EmailAddress(string Local, string Domain, bool IsFreemail);
