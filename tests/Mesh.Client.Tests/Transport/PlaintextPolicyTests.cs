using Mesh.Client.Tests.Fixtures;
using Mesh.Identity;

namespace Mesh.Client.Tests.Transport;

public sealed class PlaintextPolicyTests
{
    [TestCase("http://orders/x")]
    [TestCase("https+http://orders/x")]
    public async Task SendAsync_PlaintextIsForbidden_FailsBeforeAnythingIsSent(string uri)
    {
        await using var plain = await MeshService.StartAsync(null);
        await using var host = new ClientHost(Forbidding(plain));

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => host.CreateClient().PostAsync(new Uri(uri), new StringContent("x")));

        Assert.That((exception!.InnerException as MeshTlsException)?.Reason, Is.EqualTo(PeerRefusal.PlaintextForbidden), exception.ToString());
        Assert.That(exception.HttpRequestError, Is.EqualTo(HttpRequestError.SecureConnectionError), "proof that nothing was sent");
        Assert.That(exception.Message, Does.Contain("'orders'").And.Contain("Tls:AllowPlaintext"));
        Assert.That(plain.Arrivals, Is.Empty);
    }

    [Test]
    public async Task SendAsync_PlaintextIsForbiddenAndThereIsTls_IsServed()
    {
        await using var secure = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var host = new ClientHost(Given.Services(
            $$"""{ "orders": { "https": [ "{{secure.Url}}" ] } }""",
            """{ "orders": { "Tls": { "AllowPlaintext": false } } }"""));

        using var response = await host.CreateClient().GetAsync(new Uri("https+http://orders/x"));

        Assert.That(response.IsSuccessStatusCode, Is.True);
    }

    [Test]
    public async Task Reload_PlaintextIsForbiddenNow_OpenConnectionIsNotUsed()
    {
        await using var plain = await MeshService.StartAsync(null);
        await using var host = new ClientHost(Given.Services($$"""{ "orders": { "http": [ "{{plain.Url}}" ] } }""", "{}"));
        using var before = await host.CreateClient().GetAsync(new Uri("http://orders/x"));

        host.Configuration.Replace(Forbidding(plain));

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => host.CreateClient().GetAsync(new Uri("http://orders/x")));
        Assert.That((exception!.InnerException as MeshTlsException)?.Reason, Is.EqualTo(PeerRefusal.PlaintextForbidden));
        Assert.That(plain.Arrivals, Has.Count.EqualTo(1));
    }

    private static string Forbidding(MeshService plain) => Given.Services(
        $$"""{ "orders": { "http": [ "{{plain.Url}}" ] } }""",
        """{ "orders": { "Retry": { "Attempts": 0 }, "Tls": { "AllowPlaintext": false } } }""");
}
