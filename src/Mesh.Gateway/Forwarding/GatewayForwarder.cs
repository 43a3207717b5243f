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

    public Task SendAsync(HttpContext http, in GatewayTarget target, in RouteSelection selection, RouteBackend backend, BackendSession? session, GatewayPolicy policy)
    {
        if ((selection.Rule!.Auth ?? policy.Auth) is { ForwardsCredentials: true })
        {
            return _sessions is null
                ? ForwardAsync(http, target, selection, backend, session, policy)
                : SendWithSessionAsync(_sessions, http, target, selection, backend, session, policy);
        }

        http.Features.Get<MeshRequest>()?.RemoveCredentials();
        return ForwardAsync(http, target, selection, backend, session, policy);
    }

    private async Task SendWithSessionAsync(
        SessionForwarding sessions,
        HttpContext http,
        GatewayTarget target,
        RouteSelection selection,
        RouteBackend backend,
        BackendSession? session,
        GatewayPolicy policy)
    {
        if (await sessions.TryApplyAsync(http).ConfigureAwait(false))
        {
            await ForwardAsync(http, target, selection, backend, session, policy).ConfigureAwait(false);
        }
    }

    private Task ForwardAsync(HttpContext http, in GatewayTarget target, in RouteSelection selection, RouteBackend backend, BackendSession? session, GatewayPolicy policy)
    {
        var rule = selection.Rule!;
        var path = rule.Rewrite is { } rewrite ? rewrite.Apply(target.Path, selection.PrefixLength) : target.Path;

        // The query is that of the request, as it was sent, without what has been taken out of it.
        var destination = policy.Destinations[backend];
        var origin = destination.OriginOf(_services.FindScheme(backend.Service));
        var uri = new Uri(string.Concat(origin, path, http.Request.QueryString.Value), AsWritten);
        var otherwise = IsUpload(http.Request) ? Timeout.InfiniteTimeSpan : (TimeSpan?)null;
        var context = MeshContext.Current!;
        context.Choose(destination.Choice, rule.RequestTimeout ?? otherwise, rule.BackendTimeout ?? otherwise);
        context.Affinity = session?.Affinity;
        return CompleteAsync(http, new GatewayTransformer(destination, session, uri, _via, policy));
    }

    // Every request has this state machine: what it holds is kept small.
    private async Task CompleteAsync(HttpContext http, GatewayTransformer transformer)
    {
        var error = await _forwarder.SendAsync(http, transformer.Destination.Origin, _client, transformer.Destination.Config, transformer).ConfigureAwait(false);
        if (error != ForwarderError.None)
        {
            await ExplainAsync(http, transformer.Destination.Choice.Backend.Service, error).ConfigureAwait(false);
        }
    }

    private Task ExplainAsync(HttpContext http, string service, ForwarderError error)
    {
        var exception = http.Features.Get<IForwarderErrorFeature>()?.Exception;
        Log.Failed(_logger, exception, http.Request.Method, http.Features.GetRequiredFeature<MeshRequest>().EscapedPath, service, error);
        if (http.Response.HasStarted || http.RequestAborted.IsCancellationRequested)
        {
            return Task.CompletedTask;
        }

        http.Response.Clear();
        var problem = ForwarderProblems.Explain(error, exception);
        if (problem == GatewayProblems.InjectedFault)
        {
            http.Response.Headers[MeshHeaders.Fault] = FaultMark.Format(FaultKinds.Abort);
        }

        return problem.WriteAsync(http);
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
