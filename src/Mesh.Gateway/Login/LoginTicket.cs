using System.Text;

namespace Mesh.Gateway.Login;

/// <summary>What the cookie of a session holds, before it is encrypted. Immutable.</summary>
internal sealed record LoginTicket
{
    // A request's header may have 32 KB in all (Kestrel), and encryption and Base64 add more than a third.
    public const int MaxBytes = 12 * 1024;

    private const byte Version = 1;

    /// <summary>The session, whatever is renewed of it.</summary>
    public required string Id { get; init; }

    /// <summary>When the user logged in.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>When the cookie was written.</summary>
    public required DateTimeOffset Renewed { get; init; }

    public required string Issuer { get; init; }

    public required string Subject { get; init; }

    /// <summary>As the provider gave it: its claims, and what it wants to see again at the logout.</summary>
    public required string IdToken { get; init; }

    /// <summary>The claims as JSON, where they are more than those of <see cref="IdToken"/>; else empty.</summary>
    public string Claims { get; init; } = "";

    /// <summary>Empty unless it is kept.</summary>
    public string AccessToken { get; init; } = "";

    /// <summary>Empty unless it is kept and there is one.</summary>
    public string RefreshToken { get; init; } = "";

    /// <summary>When <see cref="AccessToken"/> is no longer good; <see cref="DateTimeOffset.MaxValue"/> where the provider did not say.</summary>
    public DateTimeOffset AccessTokenExpires { get; init; } = DateTimeOffset.MaxValue;

    public bool IsAlive(DateTimeOffset now, LoginPolicy policy) =>
        now < Started + policy.SessionLifetime && now < Renewed + policy.IdleTimeout;

    public byte[] Write()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Version);
        writer.Write(Id);
        writer.Write(Started.ToUnixTimeMilliseconds());
        writer.Write(Renewed.ToUnixTimeMilliseconds());
        writer.Write(Issuer);
        writer.Write(Subject);
        writer.Write(IdToken);
        writer.Write(Claims);
        writer.Write(AccessToken);
        writer.Write(RefreshToken);
        writer.Write(AccessTokenExpires.ToUnixTimeMilliseconds());
        writer.Flush();
        return stream.ToArray();
    }

    /// <returns><see langword="null"/> for what another version has written.</returns>
    public static LoginTicket? Read(byte[] bytes)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
            return reader.ReadByte() != Version ? null : new LoginTicket
            {
                Id = reader.ReadString(),
                Started = DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64()),
                Renewed = DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64()),
                Issuer = reader.ReadString(),
                Subject = reader.ReadString(),
                IdToken = reader.ReadString(),
                Claims = reader.ReadString(),
                AccessToken = reader.ReadString(),
                RefreshToken = reader.ReadString(),
                AccessTokenExpires = DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64()),
            };
        }
        catch (Exception exception) when (exception is EndOfStreamException or ArgumentOutOfRangeException or FormatException or IOException)
        {
            return null;
        }
    }
}
