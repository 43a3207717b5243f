using Mesh.Configuration;
using Mesh.Identity;
using Mesh.Server.Tests.Hosting;
using Mesh.Server.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace Mesh.Server.Tests.Policy;

internal sealed class StartupTests
{
    [Test]
    public async Task InvalidConfiguration_StopsTheStartAndListsEveryError()
    {
        var (app, log) = ServedApp.Build(static _ => { },
        [
            ("PeerAuthentication", "Relaxed"),
            ("PlaintextPaths:0", "health"),
            ("Authentication:Jwt:0:Audiences:0", "shop"),
            ("Authentication:Jwt:1:Issuer", "https://a.example"),
            ("Authentication:Jwt:1:ClockSkew", "01:00:00"),
            ("Authentication:Jwt:1:JwksUri", "http://a.example/keys"),
            ("Authentication:Jwt:2:Issuer", "https://a.example"),
            ("Authentication:Jwt:2:Jwks", "{}"),
            ("Authorization:x:Rules:0:To:0:Paths:0", "orders"),
            ("RateLimits:0:Name", "a b"),
            ("RateLimits:0:Limit", "0"),
            ("RequestTimeout", "2 days"),
            ("Typo", "1"),
        ]);
        await using (app)
        using (log)
        {
            var error = await Assert.ThrowsAsync<MeshConfigurationException>(() => app.StartAsync());

            string[] expected =
            [
                "Mesh:Server:PeerAuthentication: found 'Relaxed'",
                "Mesh:Server:PlaintextPaths:0: found 'health'",
                "Mesh:Server:Authentication:Jwt:0:Issuer: found ''",
                "Mesh:Server:Authentication:Jwt:1:ClockSkew: found '01:00:00'",
                "Mesh:Server:Authentication:Jwt:1:JwksUri: found 'http://a.example/keys'",
                "Mesh:Server:Authentication:Jwt:2:Issuer: found 'https://a.example'",
                "Mesh:Server:Authentication:Jwt:2:Jwks: ",
                "Mesh:Server:Authorization:x:Rules:0:To:0:Paths:0: found 'orders'",
                "Mesh:Server:RateLimits:0:Name: found 'a b'",
                "Mesh:Server:RateLimits:0:Limit: found '0'",
                "Mesh:Server:RequestTimeout: found '2 days'",
                "Mesh:Server:Typo: there is no such setting",
            ];
            foreach (var text in expected)
            {
                Assert.That(error!.Errors, Has.Some.StartsWith(text));
            }

            Assert.That(error!.Errors, Has.Count.EqualTo(expected.Length));
        }
    }

    [Test]
    public async Task StrictWithoutIdentity_StopsTheStart()
    {
        var (app, log) = ServedApp.Build(static _ => { }, [], static builder => builder.Services.AddSingleton<IIdentitySource, NoIdentity>());
        await using (app)
        using (log)
        {
            Assert.That(
                () => app.StartAsync(),
                Throws.InstanceOf<MeshConfigurationException>().With.Message.Contains("Mesh:Server:PeerAuthentication").And.Message.Contains("nothing configured"));
        }
    }

    [Test]
    public async Task CalledTwice_IsAsOnce()
    {
        await using var app = await ServedApp.StartAsync(
            static app =>
            {
                app.UseMesh();
                app.MapGet("/", static () => "ok");
            },
            [("RateLimits:0:Name", "two"), ("RateLimits:0:Limit", "2"), ("RateLimits:0:Window", "01:00:00")],
            static builder => builder.AddMeshServer().AddMeshServer(static options => options.PeerAuthentication = PeerAuthenticationMode.Permissive));

        using var response = await app.Anonymous().GetAsync("/");

        Assert.That(response.Headers.NonValidated["RateLimit"].ToString(), Does.Contain("r=1;"));
    }

    [Test]
    public async Task UseMeshWithoutServices_SaysWhatIsMissing()
    {
        await using var app = WebApplication.CreateBuilder().Build();

        Assert.That(() => app.UseMesh(), Throws.InvalidOperationException.With.Message.Contains("AddMeshServer"));
    }

    private sealed class NoIdentity : IIdentitySource
    {
        public X509Identity Current => throw new MeshIdentityException("There is nothing configured.");

        public IChangeToken GetChangeToken() => new CancellationChangeToken(CancellationToken.None);
    }
}
