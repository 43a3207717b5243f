using System.Net;
using Mesh.Client.Policy;
using Mesh.Client.Tests.Fixtures;
using Mesh.Configuration;
using Mesh.Client.Tokens;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.Tests.Tokens;

public sealed class TokenSettingsTests
{
    private const string Good = """ "TokenEndpoint": "https://login.example/token", "ClientId": "me", "ClientSecret": "shh" """;

    [TestCase("""{ "Source": "Azure" }""", "Source: found 'Azure', allowed is one of ClientCredentials, TokenExchange, PassThrough")]
    [TestCase("""{ "ClientId": "me" }""", "Source: it is missing")]
    [TestCase("""{ "Source": "ClientCredentials" }""", "TokenEndpoint: found '', allowed is the address where tokens are issued")]
    [TestCase("""{ "Source": "ClientCredentials" }""", "ClientId: found ''")]
    [TestCase("""{ "Source": "ClientCredentials" }""", "ClientAuthentication: found ''")]
    [TestCase("""{ "Source": "ClientCredentials", "TokenEndpoint": "http://login.example/token" }""", "TokenEndpoint: found 'http://login.example/token', allowed is an https address")]
    [TestCase("""{ "Source": "ClientCredentials", "TokenEndpoint": "https://me:shh@login.example/token" }""", "TokenEndpoint: found '(an address with user information)'")]
    [TestCase("""{ "Source": "ClientCredentials", "TokenEndpoint": "/token" }""", "TokenEndpoint: found '/token'")]
    [TestCase("""{ "Source": "ClientCredentials", "TokenEndpoint": "https://orders/token" }""", "another service than 'orders' itself")]
    [TestCase("""{ "Source": "ClientCredentials", "ClientSecret": "shh", "PrivateKeyFile": "key" }""", "ClientAuthentication: found ''")]
    [TestCase("""{ "Source": "ClientCredentials", "ClientSecret": "shh", "ClientSecretFile": "file" }""", "ClientAuthentication: found 'Basic', allowed is with one of ClientSecret and ClientSecretFile")]
    [TestCase("""{ "Source": "ClientCredentials", "ClientAuthentication": "PrivateKeyJwt", "ClientSecret": "shh" }""", "ClientAuthentication: found 'PrivateKeyJwt', allowed is with PrivateKeyFile")]
    [TestCase("""{ "Source": "PassThrough", "WithoutCaller": "ClientCredentials" }""", "TokenEndpoint: found ''")]
    [TestCase("""{ "Source": "PassThrough", "Scopes": [ "a b" ] }""", "Scopes:0: found 'a b'")]
    [TestCase("""{ "Source": "PassThrough", "Resource": "orders" }""", "Resource: found 'orders'")]
    [TestCase("""{ "Source": "PassThrough", "Resource": "https://orders#a" }""", "Resource: found 'https://orders#a'")]
    [TestCase("""{ "Source": "PassThrough", "Timeout": "2m" }""", "Timeout: found '00:02:00'")]
    [TestCase("""{ "Source": "PassThrough", "Scope": "a" }""", "Scope: there is no such setting")]
    public async Task Compile_Mistake_IsNamedWithoutTheSecret(string settings, string expected)
    {
        await using var host = new ClientHost(Given.Orders($$"""{ "AccessToken": {{settings}} }"""));

        var exception = Assert.Throws<MeshConfigurationException>(() => host.Services.GetRequiredService<PolicySource<ClientPolicy>>());

        Assert.That(exception!.Message, Does.Contain($"Mesh:Client:Services:orders:AccessToken:").And.Contain(expected).And.Not.Contain("shh"));
    }

    [Test]
    public async Task Compile_SourceInTheDefaults_IsRefused()
    {
        await using var host = new ClientHost("""{ "Mesh": { "Client": { "Defaults": { "AccessToken": { "Source": "PassThrough" } } } } }""");

        var exception = Assert.Throws<MeshConfigurationException>(() => host.Services.GetRequiredService<PolicySource<ClientPolicy>>());

        Assert.That(exception!.Errors.Single(), Does.StartWith("Mesh:Client:Defaults:AccessToken:Source: it belongs to a service"));
    }

    [Test]
    public async Task Compile_ServiceOverDefaults_InheritsAllButTheCredentialAndTheSource()
    {
        await using var host = new ClientHost($$"""
            {
              "Mesh": { "Client": {
                "Defaults": { "AccessToken": { {{Good}}, "Audience": "all", "Timeout": "9s", "WithoutCaller": "Anonymous" } },
                "Services": {
                  "orders": { "AccessToken": { "Source": "tokenexchange", "Scopes": [ "a", "b" ] } },
                  "catalog": { "AccessToken": { "Source": "ClientCredentials", "PrivateKeyFile": "key.pem", "Audience": "catalog" } },
                  "stock": {}
                } } }
            }
            """);
        var policy = host.Services.GetRequiredService<PolicySource<ClientPolicy>>().Current;

        var orders = policy.For("orders").AccessToken!;
        Assert.That((orders.Scope, orders.Audience, orders.Timeout, orders.WithoutCaller, orders.Overwrite, orders.AllowPlaintext), Is.EqualTo(("a b", "all", TimeSpan.FromSeconds(9), CallerAbsence.Anonymous, true, false)));
        var endpoint = ((TokenEndpointSource)orders.Source!).Settings;
        Assert.That((endpoint.Exchanges, endpoint.ClientSecret, endpoint.Authentication), Is.EqualTo((true, "shh", ClientAuthentication.Basic)));
        var catalog = ((TokenEndpointSource)policy.For("catalog").AccessToken!.Source!).Settings;
        Assert.That((catalog.ClientSecret, catalog.Authentication, catalog.ClientId), Is.EqualTo(((string?)null, ClientAuthentication.PrivateKeyJwt, "me")));
        Assert.That(policy.For("catalog").AccessToken!.Audience, Is.EqualTo("catalog"));
        Assert.That(policy.For("stock").AccessToken, Is.Null);
        Assert.That(policy.For("unknown").AccessToken, Is.Null);
    }

    [Test]
    public async Task Compile_Policy_ShowsNoSecret()
    {
        await using var host = new ClientHost(Given.Orders($$"""{ "AccessToken": { "Source": "ClientCredentials", {{Good}} } }"""));
        var policy = host.Services.GetRequiredService<PolicySource<ClientPolicy>>().Current.For("orders");

        Assert.That($"{policy}{policy.AccessToken}", Does.Not.Contain("shh"));
    }

    [Test]
    public async Task Compile_Development_TakesAnEndpointWithoutTls()
    {
        await using var host = new ClientHost(
            Given.Orders("""{ "AccessToken": { "Source": "ClientCredentials", "TokenEndpoint": "http://keycloak:8080/token", "ClientId": "me", "ClientSecret": "shh" } }"""),
            configure: static services => services.AddSingleton<IHostEnvironment>(new DevelopmentEnvironment()));

        Assert.That(host.Services.GetRequiredService<PolicySource<ClientPolicy>>().Current.For("orders").AccessToken, Is.Not.Null);
    }

    [Test]
    public async Task Reload_Mistake_KeepsTheTokens()
    {
        var tokens = new ScriptedTokens(TimeProvider.System);
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders("""{ "AccessToken": { "Source": "Scripted" } }"""), stub, configure: services => services.AddSingleton<IAccessTokenSource>(tokens));
        (await host.CreateClient().GetAsync(new Uri("https://orders/"))).Dispose();

        host.Configuration.Replace(Given.Orders("""{ "AccessToken": { "Source": "Scriptet" } }"""));
        (await host.CreateClient().GetAsync(new Uri("https://orders/"))).Dispose();

        Assert.That(stub.Requests.Select(static seen => seen.Headers["Authorization"]), Is.EqualTo(["Bearer token-1", "Bearer token-1"]));
        Assert.That(host.Log.Mesh, Has.One.Contains("Scriptet").And.One.Contains("Scripted"));
    }

    private sealed class DevelopmentEnvironment : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Development";

        public string ApplicationName { get; set; } = "storefront";

        public string ContentRootPath { get; set; } = "/";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
