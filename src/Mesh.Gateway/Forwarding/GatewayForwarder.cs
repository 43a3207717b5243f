using Mesh.Faults;
using Mesh.Gateway.Problems;
using Mesh.Gateway.Routing;
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

    // Discovery knows which of the two a service speaks, and prefers the first.
    private const string Scheme = "https+http";

    // What a caller sends in one go: the first windows of a connection.
    private const int ShortBody = 64 * 1024;

    // How long a body may stand still. The time until the response begins is bounded by the mesh client.
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(100);
    private static readonly ForwarderRequestConfig Defaults = new() { ActivityTimeout = IdleTimeout };

    // The path has been made canonical, and what was authorized is what is sent.
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly IHttpForwarder _forwarder;
    private readonly HttpMessageInvoker _client;
    private readonly string _via;
    private readonly ILogger _logger;

    public GatewayForwarder(IHttpForwarder forwarder, IHttpMessageHandlerFactory handlers, MeshServiceOptions service, ILogger logger)
    {
        _forwarder = forwarder;
        _client = new HttpMessageInvoker(handlers.CreateHandler(ClientName), disposeHandler: false);
        _via = service.Name!;
        _logger = logger;
    }

    public void Dispose() => _client.Dispose();

    public async Task SendAsync(HttpContext http, GatewayTarget target, RouteSelection selection, RouteBackend backend, GatewayPolicy policy)
    {
        var rule = selection.Rule!;
        var path = rule.Rewrite is { } rewrite ? rewrite.Apply(target.Path, selection.PrefixLength) : target.Path;
        var prefix = $"{Scheme}://{backend.Service}";
        var auth = rule.Auth ?? policy.Auth;
        if (auth is not { ForwardsCredentials: true })
        {
            http.Features.Get<MeshRequest>()?.RemoveCredentials();
        }

        // That of the request, as it was sent, without what has been taken out of it.
        var uri = new Uri(string.Concat(prefix, path, http.Request.QueryString.Value), AsWritten);
        var transformer = new GatewayTransformer(rule, auth, backend, uri, _via, policy);
        ForwarderError error;
        using (MeshContext.Use(ContextOf(rule, backend, http.Request)))
        {
            error = await _forwarder.SendAsync(http, prefix, _client, ConfigOf(rule), transformer).ConfigureAwait(false);
        }

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

    private static MeshContext ContextOf(RouteRule rule, RouteBackend backend, HttpRequest request)
    {
        var inbound = MeshContext.Current;
        var otherwise = IsUpload(request) ? Timeout.InfiniteTimeSpan : (TimeSpan?)null;
        return new MeshContext
        {
            Deadline = inbound?.Deadline ?? Deadline.None,
            End = inbound?.End ?? Deadline.None,
            Peer = inbound?.Peer,
            Attempt = inbound?.Attempt ?? 1,
            Criticality = inbound?.Criticality ?? default,
            CallerToken = inbound?.CallerToken,
            CallTimeout = rule.RequestTimeout ?? otherwise,
            AttemptTimeout = rule.BackendTimeout ?? otherwise,
            Route = new RouteChoice(rule, backend),
        };
    }

    // The time-outs of a service are about how long it thinks. A long body takes as long as its sender takes: there
    // only standing still is bounded, unless the rule says otherwise.
    private static bool IsUpload(HttpRequest request) =>
        request.ContentLength is null or > ShortBody
        && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false };

    // The forwarder counts waiting for the response as standing still: a rule that allows longer must not be cut short.
    private static ForwarderRequestConfig ConfigOf(RouteRule rule) => rule.RequestTimeout switch
    {
        { } timeout when timeout == Timeout.InfiniteTimeSpan || timeout > IdleTimeout => new ForwarderRequestConfig { ActivityTimeout = timeout },
        _ => Defaults,
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "{Method} {Path} to service '{Service}' failed: {Error}.")]
        public static partial void Failed(ILogger logger, Exception? exception, string method, string path, string service, ForwarderError error);
    }
}
