using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Authentication.Sessions;

/// <summary>
/// Knows the sessions of browsers. <c>UseMesh()</c> asks the one that is registered for requests without token and API key,
/// so that authorization documents, limits and <c>HttpContext.User</c> know users who have logged in.
/// </summary>
public interface ICallerSessions
{
    /// <summary>Finds the session of a request.</summary>
    /// <returns><see langword="null"/> when it has none that is valid.</returns>
    ValueTask<CallerSession?> FindAsync(HttpContext http);

    /// <summary>Asks a caller that showed nothing to log in, where it is a browser that can.</summary>
    /// <returns>Whether the request has been answered.</returns>
    ValueTask<bool> TryChallengeAsync(HttpContext http);

    /// <summary>Takes the session out of a request, so that nobody behind sees it.</summary>
    void Remove(HttpRequest request);
}
