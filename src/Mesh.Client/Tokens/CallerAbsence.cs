namespace Mesh.Client.Tokens;

/// <summary>What to do where the token depends on the caller's and there is none: background work, or a caller without one.</summary>
public enum CallerAbsence
{
    /// <summary>The call fails before anything is sent.</summary>
    Reject,

    /// <summary>The call goes without a token.</summary>
    Anonymous,

    /// <summary>The call goes with a token of this process's own, as <see cref="AccessTokenSources.ClientCredentials"/> obtains it.</summary>
    ClientCredentials,
}
