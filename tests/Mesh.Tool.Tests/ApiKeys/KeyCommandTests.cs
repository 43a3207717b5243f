using System.Text.Json;
using Mesh.ApiKeys;

namespace Mesh.Tool.Tests.ApiKeys;

internal sealed class KeyCommandTests
{
    [Test]
    public async Task New_WithASecret_PrintsTheKeyAndWhatToStoreOfIt()
    {
        using var run = new ToolRun();
        await run.RunAsync("key", "secret");
        var secret = run.Output.Trim();
        var file = run.Write("secret", run.Output);

        Assert.That(await run.RunAsync("key", "new", "acme", "--secret-file", file, "--prefix", "shop", "--lifetime", "24h", "--scope", "orders:read", "--scope", "orders:write"), Is.Zero);

        var key = run.Output[..run.Output.IndexOf('\n', StringComparison.Ordinal)].Trim();
        using var json = JsonDocument.Parse(run.Output[key.Length..]);
        var entry = json.RootElement.GetProperty("Consumers").GetProperty("acme").GetProperty("Keys")[0];
        Assert.That(ApiKey.IsWellFormed(key, "shop"), Is.True);
        Assert.That(entry.GetProperty("Hash").GetString(), Is.EqualTo(ApiKeyHash.Of(key, Convert.FromBase64String(secret)).ToString()));
        Assert.That(entry.GetProperty("ExpiresAt").GetString(), Is.EqualTo("2026-11-24T09:00:00Z"));
        Assert.That(entry.GetProperty("Scopes").GetArrayLength(), Is.EqualTo(2));
    }

    [Test]
    public async Task Hash_OfAKeyInAFile_IsPrintedWithoutTheKey()
    {
        using var run = new ToolRun();
        var secret = ApiKeySecret.Generate();

        Assert.That(await run.RunAsync("key", "hash", "--key-file", run.Write("key", "an-old-key\n"), "--secret-file", run.Write("secret", secret)), Is.Zero);
        Assert.That(run.Output.Trim(), Is.EqualTo(ApiKeyHash.Of("an-old-key", Convert.FromBase64String(secret)).ToString()));
    }

    [TestCase("c2hvcnQ=")]
    [TestCase("")]
    public async Task New_WithASecretThatIsNone_Fails(string secret)
    {
        using var run = new ToolRun();

        Assert.That(await run.RunAsync("key", "new", "acme", "--secret-file", run.Write("secret", secret)), Is.EqualTo(2));
        Assert.That(run.Output, Is.Empty);
        Assert.That(run.Error, Does.Contain("mesh key secret"));
    }

    [TestCase("--prefix", "a-b")]
    [TestCase("--lifetime", "soon")]
    public async Task New_WithAWrongOption_Fails(string option, string value)
    {
        using var run = new ToolRun();

        Assert.That(await run.RunAsync("key", "new", "acme", "--secret-file", run.Write("secret", ApiKeySecret.Generate()), option, value), Is.EqualTo(2));
        Assert.That(run.Error, Does.Contain(value));
    }
}
