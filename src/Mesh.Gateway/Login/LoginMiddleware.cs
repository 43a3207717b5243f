using Mesh.Gateway.Hygiene;
using Mesh.Gateway.Problems;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Login;

/// <summary>Answers where browsers log in and out. It stands before the mesh: who logs in is nobody yet.</summary>
internal sealed class LoginMiddleware(RequestDelegate next, LoginSessions sessions, LoginProviders providers, LogoutEndpoint logout, EdgeGuard guard)
{
    public Task InvokeAsync(HttpContext http)
    {
        var policy = sessions.Policy;
        var path = http.Request.Path.Value;
        return path == policy.CallbackPath ? Answer(http, HttpMethods.Get, policy, FinishAsync)
            : path == policy.LoginPath ? Answer(http, HttpMethods.Get, policy, BeginAsync)
            : path == policy.LogoutPath ? Answer(http, HttpMethods.Post, policy, logout.AnswerAsync)
            : next(http);
    }

    private Task Answer(HttpContext http, string method, LoginPolicy policy, Func<HttpContext, LoginPolicy, Task> answer)
    {
        // The host becomes part of addresses to which the provider sends browsers back.
        if (guard.FindProblem(http.Request, sessions.Hosts) is { } stranger)
        {
            return stranger.WriteAsync(http);
        }

        http.Response.Headers.CacheControl = "no-store";
        if (string.Equals(http.Request.Method, method, StringComparison.OrdinalIgnoreCase))
        {
            return answer(http, policy);
        }

        http.Response.Headers.Allow = method;
        return GatewayProblems.MethodNotAllowed.WriteAsync(http);
    }

    private Task BeginAsync(HttpContext http, LoginPolicy policy) => BrowserNavigation.Is(http.Request)
        ? sessions.ChallengeAsync(http, http.Request.Query["returnUrl"])
        : LoginProblems.Required.WriteAsync(http);

    private async Task FinishAsync(HttpContext http, LoginPolicy policy)
    {
        var provider = providers.For(policy);
        if (await provider.TryGetMetadataAsync(http.RequestAborted).ConfigureAwait(false) is null)
        {
            await LoginProblems.Unavailable.WriteAsync(http).ConfigureAwait(false);
            return;
        }

        var callback = await provider.RedeemAsync(http).ConfigureAwait(false);
        if (callback.Ticket is { } ticket && sessions.TryBegin(http, policy, ticket))
        {
            http.Response.Redirect(ReturnUrl.Guard(callback.ReturnUrl));
            return;
        }

        var problem = callback.IsRefused ? LoginProblems.Refused : IsOutage(callback.Failure) ? LoginProblems.Unavailable : LoginProblems.Failed;
        await problem.WriteAsync(http).ConfigureAwait(false);
    }

    private static bool IsOutage(Exception? failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpRequestException or IOException or OperationCanceledException)
            {
                return true;
            }
        }

        return false;
    }
}
