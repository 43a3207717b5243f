namespace Mesh;

/// <summary>The endpoint a call would like to have, because earlier calls of the same session had it, and the one it got.</summary>
/// <param name="preferred">The address of the one it would like, or <see langword="null"/>.</param>
public sealed class EndpointAffinity(string? preferred)
{
    /// <summary>The address of the endpoint that is asked first if it is in rotation; <see langword="null"/> for any.</summary>
    public string? Preferred { get; } = preferred;

    /// <summary>The address of the endpoint that answered; <see langword="null"/> as long as none has.</summary>
    public string? Chosen { get; set; }
}
