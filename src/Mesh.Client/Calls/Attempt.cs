using Mesh.Client.Endpoints;
using Mesh.Client.Faults;
using Mesh.Client.Timeouts;

namespace Mesh.Client.Calls;

/// <summary>One sending of a request to one endpoint.</summary>
/// <param name="Endpoint">Where it goes.</param>
/// <param name="Timeout">When it ends at the latest.</param>
/// <param name="Started">When it began, as a timestamp.</param>
/// <param name="IsProbe">Whether it finds out if an ejected endpoint has recovered.</param>
/// <param name="Host">The caller's own <c>Host</c> field, to be put back afterwards.</param>
/// <param name="ExpectsContinue">Whether the caller's <c>Expect: 100-continue</c> is to be put back too.</param>
internal readonly record struct Attempt(Endpoint Endpoint, AttemptTimeout Timeout, long Started, bool IsProbe, string? Host, bool ExpectsContinue)
{
    /// <summary>The caller's own <c>Authorization</c> field, where the token of the mesh has taken its place, to be put back afterwards.</summary>
    public string? Authorization { get; init; }

    /// <summary>How many headers the request has got for it, where it had none of its own; otherwise -1.</summary>
    public int AddedHeaders { get; init; }

    /// <summary>Whether it finds out if a service whose circuit was open has recovered.</summary>
    public bool IsTrial { get; init; }

    /// <summary>Why there is none, where it could not begin.</summary>
    public RejectionReason Refusal { get; init; }

    /// <summary>What it is to suffer on purpose, or <see langword="null"/>: most suffer nothing.</summary>
    public InjectedFault? Fault { get; init; }
}
