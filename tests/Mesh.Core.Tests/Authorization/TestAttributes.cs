using System.Net;
using System.Text;
using Mesh.Authorization;
using Microsoft.Extensions.Primitives;

namespace Mesh.Core.Tests.Authorization;

/// <summary>The attributes of a request, as a test writes them.</summary>
internal sealed record TestAttributes : IAuthorizationAttributes
{
    public string? Source { get; init; }

    public string? Remote { get; init; }

    public string? Destination { get; init; }

    public int DestinationPort { get; init; }

    public string? ServerName { get; init; }

    /// <summary>The payload of the token.</summary>
    public string? Token { get; init; }

    public (string Name, string[] Lines)[] Headers { get; init; } = [];

    public IPAddress? SourceAddress => Address(Source);

    public IPAddress? RemoteAddress => Address(Remote);

    public IPAddress? DestinationAddress => Address(Destination);

    public TokenClaims? Claims => Token is null ? null : TokenClaims.Parse(Encoding.UTF8.GetBytes(Token));

    public StringValues Header(string name) =>
        new([.. Headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).SelectMany(static header => header.Lines)]);

    private static IPAddress? Address(string? text) => text is null ? null : IPAddress.Parse(text);
}
