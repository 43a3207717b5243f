using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Gateway.Tests.Pages;

public sealed class PageWatchTests
{
    private readonly FakeTimeProvider _time = new();

    [Test]
    public async Task Poll_PageChanges_HoldsAtTheSecondLook_AndABrokenOneLeavesTheLast()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "<p>one</p>");
        try
        {
            await using var edge = await Edge.StartWithAsync(
                builder => builder.Services.AddSingleton<TimeProvider>(_time),
                "{}",
                $$""" "ErrorPages": { "Pages": { "404": { "File": "{{file}}" } } }, """,
                "");
            Assert.That(await GetAsync(edge), Is.EqualTo("<p>one</p>"));

            await File.WriteAllTextAsync(file, "<p>two</p>");
            Look();
            Assert.That(await GetAsync(edge), Is.EqualTo("<p>one</p>"), "it may still be being written");
            Look();
            Assert.That(await GetAsync(edge), Is.EqualTo("<p>two</p>"));

            foreach (var broken in (byte[][])[[], [0xc3, 0x28], new byte[300 * 1024]])
            {
                await File.WriteAllBytesAsync(file, broken);
                Look();
                Look();
                Assert.That(await GetAsync(edge), Is.EqualTo("<p>two</p>"));
            }

            File.Delete(file);
            Look();
            Look();
            Assert.That(await GetAsync(edge), Is.EqualTo("<p>two</p>"));

            await File.WriteAllTextAsync(file, "<p>three</p>");
            Look();
            Look();
            Assert.That(await GetAsync(edge), Is.EqualTo("<p>three</p>"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private void Look() => _time.Advance(TimeSpan.FromSeconds(5));

    private static async Task<string> GetAsync(Edge edge)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nowhere") { Headers = { Accept = { new MediaTypeWithQualityHeaderValue("text/html") } } };
        using var response = await edge.Client.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }
}
