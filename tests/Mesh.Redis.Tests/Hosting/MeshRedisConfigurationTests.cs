using Mesh.Configuration;
using Mesh.Redis.Tests.Fixtures;
using Microsoft.AspNetCore.Builder;

namespace Mesh.Redis.Tests.Hosting;

internal sealed class MeshRedisConfigurationTests
{
    private static readonly (string, string)[] SharedLimit =
    [
        ("Mesh:Server:RateLimits:0:Name", "all"),
        ("Mesh:Server:RateLimits:0:Limit", "10"),
        ("Mesh:Server:RateLimits:0:Window", "01:00:00"),
        ("Mesh:Server:RateLimits:0:Shared:Mode", "Exact"),
    ];

    [Test]
    public void Start_SharedLimitWithoutAStore_SaysWhatToCall() => Assert.That(
        ErrorOf(SharedLimit, withRedis: false),
        Does.Contain("Mesh:Server:RateLimits:0:Shared: there is no store to share the limit through: call AddMeshRedis()"));

    [Test]
    public void Start_NoConnection_IsRequired() => Assert.That(
        ErrorOf(SharedLimit),
        Does.Contain("Mesh:Redis: either Connection or ConnectionFile is required, and not both."));

    [Test]
    public void Start_UnknownKey_IsNamed() => Assert.That(
        ErrorOf([.. SharedLimit, ("Mesh:Redis:Connection", "localhost"), ("Mesh:Redis:Conection", "x")]),
        Does.Contain("Mesh:Redis:Conection"));

    [Test]
    public void Start_FileIsMissing_IsNamed() => Assert.That(
        ErrorOf([.. SharedLimit, ("Mesh:Redis:ConnectionFile", "/nowhere/redis")]),
        Does.Contain("Mesh:Redis:ConnectionFile: found '/nowhere/redis'"));

    [Test]
    public void Start_ConnectionIsGarbage_IsNamedWithoutItsText()
    {
        var error = ErrorOf([.. SharedLimit, ("Mesh:Redis:Connection", "localhost,password=hunter2,nonsense=1")]);

        Assert.That(error, Does.Contain("Mesh:Redis:Connection").And.Not.Contain("hunter2"));
    }

    [Test]
    public async Task Start_ConnectionFromAFile_Works()
    {
        using var server = await RedisServer.StartAsync();
        var file = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"redis-{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(file, server.Connection + "\n");
        var (app, _) = LimitedNode.Build([.. SharedLimit, ("Mesh:Redis:ConnectionFile", file)]);
        await app.StartAsync();
        await app.DisposeAsync();
        File.Delete(file);
    }

    private static string ErrorOf((string, string)[] settings, bool withRedis = true)
    {
        var (app, _) = LimitedNode.Build(settings, withRedis);
        try
        {
            return Assert.ThrowsAsync<MeshConfigurationException>(() => app.StartAsync()).GetAwaiter().GetResult()!.Message;
        }
        finally
        {
            ((IDisposable)app).Dispose();
        }
    }
}
