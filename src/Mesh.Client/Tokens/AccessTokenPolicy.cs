namespace Mesh.Client.Tokens;

/// <summary>
/// The compiled form of <see cref="AccessTokenOptions"/> over the defaults. Equal policies obtain the same tokens: those there
/// are survive a reload that changes nothing here.
/// </summary>
internal sealed record AccessTokenPolicy
{
    /// <summary>How the configuration names the source.</summary>
    public required string SourceName { get; init; }

    /// <summary>Who obtains tokens; <see langword="null"/> for those who pass on their caller's and never need another.</summary>
    public required IAccessTokenSource? Source { get; init; }

    /// <summary>Whether the token is the caller's own.</summary>
    public required bool PassesThrough { get; init; }

    /// <summary>Whether the token depends on the caller's.</summary>
    public bool UsesCaller => PassesThrough || Source is { UsesCallerToken: true };

    /// <summary>Scopes with a space between, as the endpoint wants them; <see langword="null"/> for none.</summary>
    public required string? Scope { get; init; }

    public required string? Audience { get; init; }

    public required string? Resource { get; init; }

    public required CallerAbsence WithoutCaller { get; init; }

    public required bool Overwrite { get; init; }

    public required bool AllowPlaintext { get; init; }

    public required TimeSpan Timeout { get; init; }

    /// <summary>Where it was configured, for messages.</summary>
    public required string Path { get; init; }
}
