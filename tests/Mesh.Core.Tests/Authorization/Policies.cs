using System.Text;
using Mesh.Authorization;
using Mesh.Configuration;
using Mesh.Identity;
using Microsoft.Extensions.Configuration;

namespace Mesh.Core.Tests.Authorization;

/// <summary>Policies as a user writes them, and requests in one line.</summary>
internal static class Policies
{
    public const string Path = "Mesh:Server:Authorization";

    /// <summary>Compiles the JSON of the section; throws what is wrong with it.</summary>
    public static AuthorizationEngine Compile(string json)
    {
        var errors = new ConfigurationErrors();
        var engine = AuthorizationEngine.Compile(Read(json, errors), "shop", Path, errors);
        errors.ThrowIfAny(Path);
        return engine;
    }

    public static Dictionary<string, AuthorizationPolicyOptions> Read(string json, ConfigurationErrors errors)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "Mesh": { "Server": { "Authorization": {{json}} } } }"""));
        var configuration = new ConfigurationBuilder().AddJsonStream(stream).Build();
        Dictionary<string, AuthorizationPolicyOptions> policies = [];
        ConfigurationReader.Read(configuration.GetSection("Mesh:Server"), errors, policies, static (reader, target) =>
            reader.Map("Authorization", target, AuthorizationPolicyOptions.Read));
        return policies;
    }

    public static AuthorizationRequest Request(
        string? peer = null, string? token = null, string host = "shop.example", string method = "GET", string path = "/", IAuthorizationAttributes? attributes = null) =>
        new(peer is null ? null : SpiffeId.Parse($"spiffe://{peer}"), token, host, method, path) { Attributes = attributes };
}
