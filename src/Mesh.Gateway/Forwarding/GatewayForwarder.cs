using Mesh.Client.State;
using Mesh.Faults;
using Mesh.Gateway.Login;
using Mesh.Gateway.Problems;
using Mesh.Gateway.Routing;
using Mesh.Gateway.Sessions;
using Mesh.Identity;
using Mesh.Routing;
using Mesh.Server.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Gateway.Forwarding;

/// <summary>Sends a request to the service a rule names, through the mesh client, and its answer back.</summary>
internal sealed partial class GatewayForwarder : IDisposable
{
    /// <summary>The name of the <see cref="HttpClient"/> whose handlers carry the gateway's calls.</summary>
    public const string ClientName = "Mesh.Gateway";

    // What a caller sends in one go: the first windows of a connection.
    private const int ShortBody = 64 * 1024;

    // The path has been made canonical, and what was authorized is what is sent.
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly IHttpForwarder _forwarder;
    private readonly HttpMessageInvoker _client;
    private readonly MeshClientState _services;
    private readonly ViaEntry _via;
    private readonly SessionForwarding? _sessions;
    private readonly ILogger _logger;

    public GatewayForwarder(
        IHttpForwarder forwarder,
        IHttpMessageHandlerFactory handlers,
        MeshClientState services,
        MeshServiceOptions service,
        SessionForwarding? sessions,
        ILogger logger)
    {
        _forwarder = forwarder;
        _client = new HttpMessageInvoker(handlers.CreateHandler(ClientName), disposeHandler: false);
        _services = services;
        _via = new ViaEntry(service.Name!);
        _sessions = sessions;
        _logger = logger;
    }

    public void Dispose() => _client.Dispose();

    public async Task SendAsync(HttpContext http, GatewayTarget target, RouteSelection selection, RouteBackend backend, BackendSession? session, GatewayPolicy policy)
    {
        var rule = selection.Rule!;
        var path = rule.Rewrite is { } rewrite ? rewrite.Apply(target.Path, selection.PrefixLength) : target.Path;
        var auth = rule.Auth ?? policy.Auth;
        if (auth is not { ForwardsCredentials: true })
        {
            http.Features.Get<MeshRequest>()?.RemoveCredentials();
        }
        else if (_sessions is not null && !await _sessions.TryApplyAsync(http).ConfigureAwait(false))
        {
            return;
        }

        // The query is that of the request, as it was sent, without what has been taken out of it.
        var destination = policy.Destinations[backend];
        var origin = destination.OriginOf(_services.FindScheme(backend.Service));
        var uri = new Uri(string.Concat(origin, path, http.Request.QueryString.Value), AsWritten);
        var transformer = new GatewayTransformer(rule, auth, backend, session, uri, _via, policy);
        var otherwise = IsUpload(http.Request) ? Timeout.InfiniteTimeSpan : (TimeSpan?)null;
        var context = MeshContext.Current!;
        context.Choose(destination.Choice, rule.RequestTimeout ?? otherwise, rule.BackendTimeout ?? otherwise);
        context.Affinity = session?.Affinity;
        var error = await _forwarder.SendAsync(http, destination.Origin, _client, destination.Config, transformer).ConfigureAwait(false);
        if (error == ForwarderError.None)
        {
            return;
        }

        var exception = http.Features.Get<IForwarderErrorFeature>()?.Exception;
        Log.Failed(_logger, exception, http.Request.Method, target.Path, backend.Service, error);
        if (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            http.Response.Clear();
            var problem = ForwarderProblems.Explain(error, exception);
            if (problem == GatewayProblems.InjectedFault)
            {
                http.Response.Headers[MeshHeaders.Fault] = FaultMark.Format(FaultKinds.Abort);
            }

            await problem.WriteAsync(http).ConfigureAwait(false);
        }
    }

    // The time-outs of a service are about how long it thinks. A long body takes as long as its sender takes: there
    // only standing still is bounded, unless the rule says otherwise.
    private static bool IsUpload(HttpRequest request) =>
        request.ContentLength is null or > ShortBody
        && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "{Method} {Path} to service '{Service}' failed: {Error}.")]
        public static partial void Failed(ILogger logger, Exception? exception, string method, string path, string service, ForwarderError error);
    }
}
