namespace Mesh.Client.Hosting;

/// <summary>
/// The innermost handler of a mesh client whose application brought none: calls to services never reach it, calls to
/// hosts outside the mesh do, and find what <c>IHttpClientFactory</c> gives them by default.
/// </summary>
internal sealed class DefaultPrimaryHandler() : DelegatingHandler(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) });
