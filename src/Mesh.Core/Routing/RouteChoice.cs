namespace Mesh.Routing;

/// <summary>A rule and the one of its backends that gets a request: what a gateway has decided and the client carries out.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Backend">The backend.</param>
public sealed record RouteChoice(RouteRule Rule, RouteBackend Backend)
{
    /// <summary>
    /// The scheme under which discovery is asked for the backend, <c>https+http</c> for instance, whatever the URI of the
    /// request says. Default <see langword="null"/>: that of the URI.
    /// </summary>
    public string? Scheme { get; init; }

    /// <summary>
    /// Whether bodies of answers are handed on as they come, by somebody who bounds their pauses. They are then not watched
    /// over once more, but where the configuration of the service says how long they may stand still. Default
    /// <see langword="false"/>.
    /// </summary>
    public bool RelaysBodies { get; init; }
}
