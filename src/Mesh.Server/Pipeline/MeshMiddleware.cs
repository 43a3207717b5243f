using Mesh.Authorization;
using Mesh.Configuration;
using Mesh.Server.Deadlines;
using Mesh.Server.Policy;
using Mesh.Server.Problems;
using Mesh.Server.Tls;
using Microsoft.AspNetCore.Http;
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
/// <item>Deadline: before authentication, because fetching an issuer's keys takes time that the caller may not have, and
/// work that cannot finish in time is not begun.</item>
/// <item>Authentication, the peer and then the token: before authorization, which decides about who they are. The peer is
/// first because it costs nothing: the handshake has verified it.</item>
/// <item>Authorization: before the limits, so that nobody uses up a quota with requests that are refused anyway, and a
/// stranger cannot use up that of others.</item>
/// <item>Rate limits: last before the application, because what is charged here is its work.</item>
/// </list>
/// Routing, <c>[Authorize]</c> and the application follow; <c>UseMesh()</c> puts them behind this one.
/// </remarks>
internal sealed partial class MeshMiddleware(
    RequestDelegate next,
    PolicySource<ServerPolicy> policies,
    TimeProvider time,
    ILogger<MeshMiddleware> logger)
{
    /// <summary>Context and deadline.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        var policy = policies.Current;
        if (!RequestPath.TryApply(http, out var path, out var error))
        {
            await ServerProblems.BadPath(error).WriteAsync(http).ConfigureAwait(false);
            return;
        }

        // At an edge nobody is a peer, whatever a connection from before a reload has shown.
        var headers = http.Request.Headers;
        var connection = http.Features.Get<PeerConnection>();
        connection?.MarkLast(http);
        var peer = policy.PeerAuthentication == PeerAuthenticationMode.Disabled ? null : connection?.Peer;
        var attempt = 1;
        InboundDeadline deadline;
        if (peer is null)
        {
            PropagationHeaders.Strip(headers);
            deadline = InboundDeadline.Of(policy.RequestTimeout);
        }
        else
        {
            attempt = PropagationHeaders.Attempt(headers);
            deadline = InboundDeadline.Read(headers, policy.RequestTimeout);
        }

        var request = new MeshRequest(peer, path, Deadline.After(deadline.Answer, time));
        http.Features.Set(request);
        var context = new MeshContext { Deadline = request.Deadline, Peer = peer, Attempt = attempt };
        using var ambient = MeshContext.Use(context);
        if (peer is not null)
        {
            request.Context = context;
            http.Response.OnStarting(PropagationHeaders.TellRetries, http);
        }

        if (request.Deadline.IsNone)
        {
            await ServeAsync(http, policy, request).ConfigureAwait(false);
        }
        else if (deadline.Answer <= TimeSpan.Zero)
        {
            await ServerProblems.DeadlineExceeded.WriteAsync(http).ConfigureAwait(false);
        }
        else
        {
            await ServeInTimeAsync(http, policy, request, deadline).ConfigureAwait(false);
        }
    }

    // A method of its own, because a closure is made for all of a method.
    private Task ServeInTimeAsync(HttpContext http, ServerPolicy policy, MeshRequest request, InboundDeadline deadline) =>
        DeadlineGate.RunAsync(http, deadline, () => ServeAsync(http, policy, request), time, logger);

    /// <summary>Authentication, authorization, limits and the application.</summary>
    private async Task ServeAsync(HttpContext http, ServerPolicy policy, MeshRequest request)
    {
        if (await AdmitAsync(http, policy, request).ConfigureAwait(false) is { } problem)
        {
            await problem.WriteAsync(http).ConfigureAwait(false);
            return;
        }

        await next(http).ConfigureAwait(false);
    }

    /// <summary>The refusal, or <see langword="null"/> when the application may be asked.</summary>
    private async ValueTask<MeshProblem?> AdmitAsync(HttpContext http, ServerPolicy policy, MeshRequest request)
    {
        if (request.Peer is null
            && policy.PeerAuthentication == PeerAuthenticationMode.Strict
            && !policy.PlaintextPaths.Contains(request.Path))
        {
            return ServerProblems.PeerRequired;
        }

        if (policy.Tokens is { } tokens)
        {
            var (token, problem) = await tokens.AuthenticateAsync(http.Request.Headers.Authorization, http.RequestAborted).ConfigureAwait(false);
            if (problem is not null)
            {
                return problem;
            }

            request.Token = token;
        }

        return Authorize(http, policy, request) ?? policy.Limits?.Charge(http, request);
    }

    private MeshProblem? Authorize(HttpContext http, ServerPolicy policy, MeshRequest request)
    {
        var decision = policy.Authorization.Evaluate(new AuthorizationRequest(
            request.Peer,
            request.RequestPrincipal,
            http.Request.Host.Value ?? "",
            http.Request.Method,
            request.Path));
        if (decision.Allowed)
        {
            return null;
        }

        Log.Denied(logger, http.Request.Method, request.Path, request.Peer?.ToString(), request.RequestPrincipal, decision.Policy ?? "no allowing one");

        // Who showed nothing at all is told how to show something; for everybody else there is nothing to be gained.
        return request is { Peer: null, Token: null } && policy.Tokens is not null ? ServerProblems.TokenRequired : ServerProblems.Denied;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "{Method} {Path} of peer {Peer} with token {Principal} was denied; deciding policy: {Policy}.")]
        public static partial void Denied(ILogger logger, string method, string path, string? peer, string? principal, string policy);
    }
}
