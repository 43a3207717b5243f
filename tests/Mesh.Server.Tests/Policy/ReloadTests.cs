using System.Net;
using Mesh.Configuration;
using Mesh.Server.Policy;
using Mesh.Server.Tests.Authentication;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Tests.Policy;

internal sealed class ReloadTests
{
    private static readonly TokenForge Forge = new();

    [Test]
    public async Task ValidChange_HoldsForTheNextRequest()
    {
        await using var app = await StartAsync();
        Assert.That((await app.Peer().GetAsync("/")).StatusCode, Is.EqualTo(HttpStatusCode.OK));

        app.Reconfigure(("Authorization:nobody:Action", "Allow"));

        Assert.That((await app.Peer().GetAsync("/")).StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task InvalidChange_IsRefusedAndLoggedOnce()
    {
        await using var app = await StartAsync(("Authorization:nobody:Action", "Allow"));

        app.Reconfigure(("Authorization:nobody:Rules:0:To:0:Paths:0", "no-slash"), ("RequestTimeout", "never"));
        app.Reconfigure();

        Assert.That((await app.Peer().GetAsync("/")).StatusCode, Is.EqualTo(HttpStatusCode.Forbidden), "the last good policy");
        Assert.That(app.Log.At(LogLevel.Error).ToArray(), Has.Length.EqualTo(1).And.All.Contains("Paths:0").And.All.Contains("Mesh:Server:RequestTimeout"));
    }

    [Test]
    public async Task EveryAuthorizationDocumentGone_IsRefused()
    {
        var file = new LostFile();
        await using var app = await ServedApp.StartAsync(
            static app => app.MapGet("/", static () => "ok"),
            [("RequestTimeout", "00:00:05")],
            builder => ((IConfigurationBuilder)builder.Configuration).Add(file));
        Assert.That((await app.Peer().GetAsync("/")).StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));

        file.Lose();
        app.Reconfigure();

        Assert.That((await app.Peer().GetAsync("/")).StatusCode, Is.EqualTo(HttpStatusCode.Forbidden), "the last good policy");
        Assert.That(app.Log.At(LogLevel.Error), Has.One.Contains("Mesh:Server:Authorization: every document has disappeared"));
    }

    [Test]
    public async Task SameIssuers_KeepTheirAuthenticatorAndItsTokens()
    {
        await using var app = await StartAsync(("Authentication:Jwt:0:Issuer", TokenForge.Issuer), ("Authentication:Jwt:0:Jwks", Forge.Jwks));
        var policies = app.Services.GetRequiredService<PolicySource<ServerPolicy>>();
        var before = policies.Current;

        app.Reconfigure(("RequestTimeout", "00:00:05"));

        Assert.That(policies.Current, Is.Not.SameAs(before));
        Assert.That(policies.Current.Authentication, Is.SameAs(before.Authentication));
    }

    /// <summary>A file with the only authorization document, which somebody deletes.</summary>
    private sealed class LostFile : ConfigurationProvider, IConfigurationSource
    {
        public LostFile() => Set("Mesh:Server:Authorization:nobody:Action", "Allow");

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public void Lose() => Data.Clear();
    }

    private static Task<ServedApp> StartAsync(params (string, string?)[] settings) =>
        ServedApp.StartAsync(static app => app.MapGet("/", static () => "ok"), settings);
}
