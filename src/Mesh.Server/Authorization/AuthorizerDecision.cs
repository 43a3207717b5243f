using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Authorization;

/// <summary>What an authorizer has decided. <see langword="default"/> is a refusal.</summary>
public readonly struct AuthorizerDecision
{
    private readonly Func<HttpContext, Task>? _answer;

    private AuthorizerDecision(bool isAllowed, Func<HttpContext, Task>? answer)
    {
        IsAllowed = isAllowed;
        _answer = answer;
    }

    /// <summary>Goes on: denying and allowing documents, limits and the application still follow.</summary>
    public static AuthorizerDecision Allow => new(isAllowed: true, answer: null);

    /// <summary>Refuses with 403 <c>access-denied</c>.</summary>
    public static AuthorizerDecision Deny => default;

    /// <summary>Whether the request goes on.</summary>
    public bool IsAllowed { get; }

    /// <summary>Refuses with a problem of the authorizer's own.</summary>
    public static AuthorizerDecision DenyWith(MeshProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return new(isAllowed: false, problem.WriteAsync);
    }

    /// <summary>Refuses with a response that the authorizer writes itself: a redirect to a login page, say.</summary>
    public static AuthorizerDecision DenyWith(Func<HttpContext, Task> answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return new(isAllowed: false, answer);
    }

    internal Task AnswerAsync(HttpContext context) => (_answer ?? ServerProblems.Denied.WriteAsync)(context);
}
