namespace Mesh.Routing.Sessions;

/// <summary>How the requests of a caller stay with one endpoint: compiled <see cref="SessionPersistenceOptions"/>.</summary>
/// <param name="Name">The name of the cookie or the header field.</param>
/// <param name="Type">Which of the two it is.</param>
/// <param name="AbsoluteTimeout">How long a session lasts; <see langword="null"/> for as long as the caller keeps it.</param>
/// <param name="IsPermanent">Whether a browser keeps the cookie that long, and not only until it is closed.</param>
public sealed record RouteSession(string Name, SessionPersistenceType Type, TimeSpan? AbsoluteTimeout, bool IsPermanent);
