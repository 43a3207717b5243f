using Mesh.Configuration;
using Mesh.Server.Deadlines;
using Mesh.Server.Draining;
using Mesh.Server.Forwarded;
using Mesh.Server.LoadShedding;
using Mesh.Server.Policy;
using Mesh.Server.Problems;
using Mesh.Server.Tls;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Pipeline;

/// <summary>
/// The way of a request through the mesh. It is one middleware on purpose: one policy snapshot holds for the whole
/// request, and a middleware per policy would cost a state machine for each.
/// </summary>
/// <remarks>
/// The order, outer to inner, and why each stands before the next:
/// <list type="number">
/// <item>Context: one path, one peer, one deadline for everything that follows; what strangers claim in mesh fields is
/// removed before anybody can read it.</item>
/// <item>Drain: a process that is about to stop tells every caller, also those it refuses.</item>
/// <item>Deadline: before authentication, because fetching an issuer's keys takes time that the caller may not have, and
/// work that cannot finish in time is not begun.</item>
/// <item>Shedding: before authentication, because a signature is work too, and behind the deadline, because whoever waits
/// for a turn must know for how long it pays.</item>
/// <item>Authentication, the peer and then the token: before authorization, which decides about who they are. The peer is
/// first because it costs nothing: the handshake has verified it.</item>
/// <item>Authorization, custom authorizers first and then documents: before the limits, so that nobody uses up a quota with requests that are refused anyway, and a
/// stranger cannot use up that of others.</item>
/// <item>Rate limits: last of what may refuse, because what is charged here is the application's work.</item>
/// <item>Faults, where there are any: next to the application, because they stand in for its own.</item>
/// </list>
/// Routing, <c>[Authorize]</c> and the application follow; <c>UseMesh()</c> puts them behind this one.
/// </remarks>
internal sealed partial class MeshMiddleware(
    RequestDelegate next,
    PolicySource<ServerPolicy> policies,
    ServerDrain drain,
    TimeProvider time,
    ILogger<MeshMiddleware> logger)
{
    private int _hasWarned;

    /// <summary>Context and deadline.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        drain.Mark(http);
        var policy = policies.Current;
        if (!RequestPath.TryApply(http, policy.Paths, out var path, out var sent, out var error))
        {
            await ServerProblems.BadPath(error).WriteAsync(http).ConfigureAwait(false);
            return;
        }

        // At an edge nobody is a peer, whatever a connection from before a reload has shown.
        var headers = http.Request.Headers;
        var connection = http.Features.Get<PeerConnection>();
        connection?.Serve(http);
        var mode = policy.PeerAuthenticationAt(
            policy.Ports.Count > 0 ? http.Connection.LocalPort : 0,
            connection is null ? http.Features.Get<MeshListener>() : connection.Listener);
        var peer = mode == PeerAuthenticationMode.Disabled ? null : connection?.Peer;
        var attempt = 1;
        var criticality = Criticality.Critical;
        var callers = InboundDeadline.None;
        if (peer is null)
        {
            PropagationHeaders.Strip(headers);
        }
        else
        {
            attempt = PropagationHeaders.Attempt(headers);
            criticality = PropagationHeaders.Criticality(headers);
            callers = InboundDeadline.Read(headers);
        }

        var deadline = callers.Within(policy.RequestTimeout);
        var request = new MeshRequest(http, peer, path, Deadline.After(deadline.Answer, time))
        {
            EscapedPath = sent,
            CallersDeadline = callers,
            Connection = connection,
            PeerAuthentication = mode,
        };
        http.Features.Set(request);
        if (ForwardedCertificates.Take(policy.ForwardedCertificates, peer, headers, request) is { } badHeader)
        {
            await badHeader.WriteAsync(http).ConfigureAwait(false);
            return;
        }

        if (connection is null && mode != PeerAuthenticationMode.Disabled && http.Request.IsHttps)
        {
            WarnOfForeignTls(http.Connection.LocalPort);
        }

        request.SheddingRoute = policy.Shedder?.Find(http.Request.Method, path);
        criticality = request.SheddingRoute?.Criticality ?? criticality;
        var context = new MeshContext { Deadline = request.Deadline, Peer = peer, Attempt = attempt, Criticality = criticality };
        using var ambient = MeshContext.Use(context);
        if (peer is not null)
        {
            request.Context = context;
            http.Response.OnStarting(PropagationHeaders.TellRetries, http);
        }

        if (request.Deadline.IsNone)
        {
            await ServeAsync(http, policy, request, criticality).ConfigureAwait(false);
        }
        else if (deadline.Answer <= TimeSpan.Zero)
        {
            await ServerProblems.DeadlineExceeded.WriteAsync(http).ConfigureAwait(false);
        }
        else
        {
            await ServeInTimeAsync(http, policy, request, criticality, deadline).ConfigureAwait(false);
        }
    }

    // A method of its own, because a closure is made for all of a method.
    private Task ServeInTimeAsync(HttpContext http, ServerPolicy policy, MeshRequest request, Criticality criticality, InboundDeadline deadline) =>
        DeadlineGate.RunAsync(http, deadline, () => ServeAsync(http, policy, request, criticality), time, logger);

    /// <summary>Shedding.</summary>
    private Task ServeAsync(HttpContext http, ServerPolicy policy, MeshRequest request, Criticality criticality) =>
        policy.Shedder is { } shedder && !policy.PlaintextPaths.Contains(request.Path) && !LoadShedder.IsExempt(http, request.SheddingRoute)
            ? ServeWithinLimitAsync(shedder, http, policy, request, criticality)
            : AdmitAsync(http, policy, request);

    private async Task ServeWithinLimitAsync(LoadShedder shedder, HttpContext http, ServerPolicy policy, MeshRequest request, Criticality criticality)
    {
        if (!await shedder.EnterAsync(http, request, criticality).ConfigureAwait(false))
        {
            await ServerProblems.Overloaded.WriteAsync(http).ConfigureAwait(false);
            return;
        }

        var started = time.GetTimestamp();
        try
        {
            await AdmitAsync(http, policy, request).ConfigureAwait(false);
        }
        finally
        {
            shedder.Exit(http, request, started);
        }
    }

    /// <summary>Authentication, authorization, limits and the application.</summary>
    private async Task AdmitAsync(HttpContext http, ServerPolicy policy, MeshRequest request)
    {
        if (await AuthenticateAsync(http, policy, request).ConfigureAwait(false) is { } stranger)
        {
            await stranger.WriteAsync(http).ConfigureAwait(false);
            return;
        }

        if (policy.Authorization.HasAuthorizers
            && await policy.Authorization.AskAsync(http, request).ConfigureAwait(false) is { IsAllowed: false } refusal)
        {
            await refusal.AnswerAsync(http).ConfigureAwait(false);
            return;
        }

        if ((Authorize(http, policy, request) ?? policy.Limits?.Charge(http, request)) is { } problem)
        {
            await problem.WriteAsync(http).ConfigureAwait(false);
            return;
        }

        request.WasServed = true;
        if (policy.TransportLimits.RequestBody is { } largest && http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
        {
            body.MaxRequestBodySize = largest;
        }

        try
        {
            await (policy.Faults is { } faults && !policy.PlaintextPaths.Contains(request.Path) && faults.Find(http, request.Path) is { } fault
                ? faults.ServeAsync(http, request, fault, next)
                : next(http)).ConfigureAwait(false);
        }
        catch (BadHttpRequestException exception) when (!http.Response.HasStarted)
        {
            http.Response.Clear();
            await ServerProblems.BadRequest(exception.StatusCode).WriteAsync(http).ConfigureAwait(false);
        }
    }

    /// <summary>The refusal, or <see langword="null"/> when the caller is who it says.</summary>
    private static async ValueTask<MeshProblem?> AuthenticateAsync(HttpContext http, ServerPolicy policy, MeshRequest request)
    {
        if (request.Peer is null
            && request.PeerAuthentication == PeerAuthenticationMode.Strict
            && !policy.PlaintextPaths.Contains(request.Path))
        {
            return ServerProblems.PeerRequired;
        }

        return await policy.Authentication.AuthenticateAsync(http, request).ConfigureAwait(false);
    }

    private static MeshProblem? Authorize(HttpContext http, ServerPolicy policy, MeshRequest request)
    {
        if (policy.Authorization.Allows(http, request))
        {
            return null;
        }

        // Who showed nothing at all is told how to show something; for everybody else there is nothing to be gained.
        return request is { Peer: null, Token: null, ApiKey: null } && policy.Authentication.Challenge is { } challenge ? challenge : ServerProblems.Denied;
    }

    // Kestrel has one place for the defaults of its https endpoints, and who sets them last has it alone.
    private void WarnOfForeignTls(int port)
    {
        if (Interlocked.Exchange(ref _hasWarned, 1) == 0)
        {
            Log.ForeignTls(logger, port);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Port {Port} speaks TLS of its own, so nobody who calls it is a peer: ConfigureHttpsDefaults() was called behind AddMeshServer(), or UseHttps() with a callback. Let that port call UseMeshTls().")]
        public static partial void ForeignTls(ILogger logger, int port);
    }
}
