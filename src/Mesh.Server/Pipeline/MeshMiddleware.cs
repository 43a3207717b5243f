using Mesh.Authorization;
using Mesh.Configuration;
using Mesh.Server.Deadlines;
using Mesh.Server.Draining;
using Mesh.Server.Faults;
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
    DeadlineTimers timers,
    TimeProvider time,
    ILogger<MeshMiddleware> logger)
{
    private int _hasWarned;
    private RequestDelegate? _serve;

    /// <summary>Context and deadline.</summary>
    // Not async: nothing is waited for here, and a state machine for each request would be.
    public Task InvokeAsync(HttpContext http)
    {
        drain.Mark(http);
        var policy = policies.Current;
        if (!RequestPath.TryApply(http, policy.Paths, out var path, out var sent, out var error))
        {
            return ServerProblems.BadPath(error).WriteAsync(http);
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
            Policy = policy,
            CallersDeadline = callers,
            Connection = connection,
            PeerAuthentication = mode,
        };
        http.Features.Set(request);
        if (ForwardedCertificates.Take(policy.ForwardedCertificates, peer, headers, request) is { } badHeader)
        {
            return badHeader.WriteAsync(http);
        }

        if (connection is null && mode != PeerAuthenticationMode.Disabled && http.Request.IsHttps)
        {
            WarnOfForeignTls(http.Connection.LocalPort);
        }

        request.SheddingRoute = policy.Shedder?.Find(http.Request.Method, path);
        request.Criticality = request.SheddingRoute?.Criticality ?? criticality;
        var context = new MeshContext
        {
            Deadline = request.Deadline,
            End = deadline.End == deadline.Answer ? request.Deadline : Deadline.After(deadline.End, time),
            Peer = peer,
            Attempt = attempt,
            Criticality = request.Criticality,
        };
        if (peer is not null)
        {
            request.Context = context;
            http.Response.OnStarting(PropagationHeaders.TellRetries, http);
        }

        // What follows takes the context along; whoever called this is left as it was.
        using var ambient = MeshContext.Use(context);
        return request.Deadline.IsNone ? ServeAsync(http, request)
            : deadline.Answer <= TimeSpan.Zero ? ServerProblems.DeadlineExceeded.WriteAsync(http)
            : DeadlineGate.RunAsync(http, deadline, _serve ??= ServeAsync, timers);
    }

    /// <summary>Shedding.</summary>
    private Task ServeAsync(HttpContext http, MeshRequest request)
    {
        var policy = request.Policy;
        return policy.Shedder is { } shedder && !policy.PlaintextPaths.Contains(request.Path) && !LoadShedder.IsExempt(http, request.SheddingRoute)
            ? ServeWithinLimitAsync(shedder, http, policy, request)
            : AdmitAsync(http, policy, request);
    }

    // What the deadline calls: a delegate that all requests share.
    private Task ServeAsync(HttpContext http) => ServeAsync(http, http.Features.GetRequiredFeature<MeshRequest>());

    private async Task ServeWithinLimitAsync(LoadShedder shedder, HttpContext http, ServerPolicy policy, MeshRequest request)
    {
        if (!await shedder.EnterAsync(http, request, request.Criticality).ConfigureAwait(false))
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
    // Most requests wait for nobody here, and pay for no state machine. Those that do go the second way.
    private Task AdmitAsync(HttpContext http, ServerPolicy policy, MeshRequest request)
    {
        if (IsUnknownPeer(policy, request))
        {
            return ServerProblems.PeerRequired.WriteAsync(http);
        }

        var authentication = policy.Authentication.AuthenticateAsync(http, request);
        if (!authentication.IsCompletedSuccessfully || policy.Authorization.HasAuthorizers || policy.Limits is { AreShared: true })
        {
            return AdmitAsync(http, policy, request, authentication);
        }

        if (authentication.Result is { } stranger)
        {
            return stranger.WriteAsync(http);
        }

        TellContext(request);
        return (Authorize(http, policy, request) ?? policy.Limits?.Charge(http, request)) is { } problem
            ? RefuseAsync(http, policy, problem)
            : RunAsync(http, policy, request);
    }

    private async Task AdmitAsync(HttpContext http, ServerPolicy policy, MeshRequest request, ValueTask<MeshProblem?> authentication)
    {
        if (await authentication.ConfigureAwait(false) is { } stranger)
        {
            await stranger.WriteAsync(http).ConfigureAwait(false);
            return;
        }

        TellContext(request);
        if (policy.Authorization.HasAuthorizers
            && await policy.Authorization.AskAsync(http, request).ConfigureAwait(false) is { IsAllowed: false } refusal)
        {
            await refusal.AnswerAsync(http).ConfigureAwait(false);
            return;
        }

        var problem = Authorize(http, policy, request);
        if (problem is null && policy.Limits is { } limits)
        {
            problem = limits.AreShared ? await limits.ChargeAsync(http, request).ConfigureAwait(false) : limits.Charge(http, request);
        }

        await (problem is null ? RunAsync(http, policy, request) : RefuseAsync(http, policy, problem)).ConfigureAwait(false);
    }

    private static Task RefuseAsync(HttpContext http, ServerPolicy policy, MeshProblem problem) =>
        problem.Status == StatusCodes.Status401Unauthorized ? ChallengeAsync(http, policy, problem) : problem.WriteAsync(http);

    private static async Task ChallengeAsync(HttpContext http, ServerPolicy policy, MeshProblem problem)
    {
        if (!await policy.Authentication.TryChallengeAsync(http).ConfigureAwait(false))
        {
            await problem.WriteAsync(http).ConfigureAwait(false);
        }
    }

    private Task RunAsync(HttpContext http, ServerPolicy policy, MeshRequest request)
    {
        request.WasServed = true;
        if (policy.TransportLimits.RequestBody is { } largest && http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
        {
            body.MaxRequestBodySize = largest;
        }

        return policy.Faults is null || policy.PlaintextPaths.Contains(request.Path) ? RunAsync(http) : RunFaultyAsync(http, policy.Faults, request);
    }

    // Every request has this state machine: what it holds is kept small.
    private async Task RunAsync(HttpContext http)
    {
        try
        {
            await next(http).ConfigureAwait(false);
        }
        catch (BadHttpRequestException exception) when (!http.Response.HasStarted)
        {
            await RefuseAsync(http, exception).ConfigureAwait(false);
        }
    }

    private async Task RunFaultyAsync(HttpContext http, ServerFaults faults, MeshRequest request)
    {
        try
        {
            await (faults.Find(http, request.Path) is { } fault ? faults.ServeAsync(http, request, fault, next) : next(http)).ConfigureAwait(false);
        }
        catch (BadHttpRequestException exception) when (!http.Response.HasStarted)
        {
            await RefuseAsync(http, exception).ConfigureAwait(false);
        }
    }

    private static Task RefuseAsync(HttpContext http, BadHttpRequestException exception)
    {
        http.Response.Clear();
        return ServerProblems.BadRequest(exception.StatusCode).WriteAsync(http);
    }

    private static bool IsUnknownPeer(ServerPolicy policy, MeshRequest request) =>
        request.Peer is null
        && request.PeerAuthentication == PeerAuthenticationMode.Strict
        && !policy.PlaintextPaths.Contains(request.Path);

    private static void TellContext(MeshRequest request)
    {
        if (request.CallerToken is { } token)
        {
            MeshContext.Current?.Accept(token);
        }
    }

    private static MeshProblem? Authorize(HttpContext http, ServerPolicy policy, MeshRequest request)
    {
        if (policy.Authorization.Allows(http, request))
        {
            return null;
        }

        // Who showed nothing at all is told how to show something; for everybody else there is nothing to be gained.
        return request.Credentials == CallerCredentials.None && policy.Authentication.Challenge is { } challenge ? challenge : ServerProblems.Denied;
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
