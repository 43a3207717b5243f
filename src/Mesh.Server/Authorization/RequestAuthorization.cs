using Mesh.Authorization;
using Mesh.Server.Pipeline;
using Mesh.Server.Problems;
using Mesh.Server.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Authorization;

/// <summary>The documents in force, applied to requests: custom authorizers, then denying and allowing documents, audits beside them.</summary>
internal sealed partial class RequestAuthorization(
    AuthorizationEngine engine,
    IMeshAuthorizer[] authorizers,
    string[] reservedFields,
    MeshServerTelemetry telemetry,
    ILogger logger,
    ILogger audit)
{
    public AuthorizationEngine Engine => engine;

    /// <summary>Whether there is anybody to ask.</summary>
    public bool HasAuthorizers => authorizers.Length > 0;

    /// <summary>Asks the authorizers of the custom documents that match, until one refuses.</summary>
    public async ValueTask<AuthorizerDecision> AskAsync(HttpContext http, MeshRequest request)
    {
        foreach (var field in reservedFields)
        {
            http.Request.Headers.Remove(field);
        }

        for (var number = 0; number < authorizers.Length; number++)
        {
            if (!engine.MustAsk(number, request.ForAuthorization(), out var policy))
            {
                continue;
            }

            var decision = await AskAsync(engine.Authorizers[number], authorizers[number], http).ConfigureAwait(false);
            if (!decision.IsAllowed)
            {
                Log.Denied(logger, http.Request.Method, request.Path, request.Peer?.ToString(), request.RequestPrincipal, policy!);
                return decision;
            }
        }

        return AuthorizerDecision.Allow;
    }

    /// <summary>Whether the denying and allowing documents let a request pass.</summary>
    public bool Allows(HttpContext http, MeshRequest request)
    {
        var question = request.ForAuthorization();
        var decision = engine.Evaluate(in question);
        if (engine.HasDryRun)
        {
            TryOut(in question, decision);
        }

        Audit(in question, decision);
        if (!decision.Allowed)
        {
            Log.Denied(logger, http.Request.Method, request.Path, request.Peer?.ToString(), request.RequestPrincipal, decision.Policy ?? "no allowing one");
        }

        return decision.Allowed;
    }

    private async ValueTask<AuthorizerDecision> AskAsync(string name, IMeshAuthorizer authorizer, HttpContext http)
    {
        try
        {
            return await authorizer.AuthorizeAsync(http, http.RequestAborted).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever is wrong with an authorizer, a request it has not allowed does not pass.
        catch (Exception exception) when (!http.RequestAborted.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.AuthorizerThrew(logger, exception, name);
            return AuthorizerDecision.DenyWith(ServerProblems.AuthorizerUnavailable);
        }
    }

    private void TryOut(in AuthorizationRequest question, AuthorizationDecision decision)
    {
        var triedOut = engine.EvaluateDryRun(in question);
        if (triedOut.Allowed != decision.Allowed)
        {
            telemetry.DryRunDiffers(triedOut.Policy ?? "", triedOut.Allowed);
            Log.DryRunDiffers(logger, question.Method, question.Path, question.Peer?.ToString(), triedOut.Allowed ? "allowed" : "denied", triedOut.Policy ?? "no allowing one");
        }
    }

    private void Audit(in AuthorizationRequest question, AuthorizationDecision decision)
    {
        var position = 0;
        while (engine.TryFindAudit(in question, ref position, out var policy, out var rule))
        {
            telemetry.Audited(policy!);
            Log.Audited(audit, policy!, rule, question.Method, question.Path, question.Peer?.ToString(), question.RequestPrincipal, decision.Allowed);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "{Method} {Path} of peer {Peer} with token {Principal} was denied; deciding policy: {Policy}.")]
        public static partial void Denied(ILogger logger, string method, string path, string? peer, string? principal, string policy);

        [LoggerMessage(2, LogLevel.Error, "Authorizer '{Authorizer}' threw; the request is refused.")]
        public static partial void AuthorizerThrew(ILogger logger, Exception exception, string authorizer);

        [LoggerMessage(3, LogLevel.Debug, "Tried out: {Method} {Path} of peer {Peer} would be {Answer}; deciding policy: {Policy}.")]
        public static partial void DryRunDiffers(ILogger logger, string method, string path, string? peer, string answer, string policy);

        [LoggerMessage(4, LogLevel.Information, "Audit {Policy} rule {Rule}: {Method} {Path} of peer {Peer} with token {Principal}, allowed {Allowed}.")]
        public static partial void Audited(ILogger logger, string policy, int rule, string method, string path, string? peer, string? principal, bool allowed);
    }
}
