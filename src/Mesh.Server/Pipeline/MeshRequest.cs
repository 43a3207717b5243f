using Mesh.Identity;
using Mesh.Server.Authentication;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Pipeline;

/// <summary>What <c>UseMesh()</c> has found out about a request: a feature of its <see cref="HttpContext"/>.</summary>
/// <example>
/// <code>
/// var caller = context.Features.Get&lt;MeshRequest&gt;()?.Peer;
/// </code>
/// </example>
public sealed class MeshRequest
{
    internal MeshRequest(SpiffeId? peer, string path, Deadline deadline)
    {
        Peer = peer;
        Path = path;
        Deadline = deadline;
    }

    /// <summary>The verified SPIFFE ID of the calling service; <see langword="null"/> when it showed no certificate.</summary>
    public SpiffeId? Peer { get; }

    /// <summary>The canonical path in its escaped form: the one that is authorized, routed and forwarded.</summary>
    public string Path { get; }

    /// <summary>When the caller stops waiting for the beginning of the response, or this service's own bound if that is sooner.</summary>
    public Deadline Deadline { get; }

    /// <summary><c>{issuer}/{subject}</c> of the validated token; <see langword="null"/> without one.</summary>
    public string? RequestPrincipal => Token?.Principal;

    internal MeshContext? Context { get; set; }

    internal ValidatedToken? Token { get; set; }
}
