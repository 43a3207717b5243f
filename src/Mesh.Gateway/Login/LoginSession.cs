namespace Mesh.Gateway.Login;

/// <summary>The session of a request: a feature of its context.</summary>
/// <param name="ticket">What its cookie says.</param>
/// <param name="policy">What held when it was found.</param>
internal sealed class LoginSession(LoginTicket ticket, LoginPolicy policy)
{
    public LoginPolicy Policy { get; } = policy;

    /// <summary>What the cookie says, or will say.</summary>
    public LoginTicket Ticket { get; set; } = ticket;

    /// <summary>Whether the cookie will be written when the response begins.</summary>
    public bool IsKept { get; set; }
}
