using System.Net;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Tests.Load;

public sealed class ReloadUnderLoadTests
{
    private const int Reloads = 1000;

    // What a thousand tables would take that nobody lets go of is several times as much.
    private const long MayGrow = 32 << 20;

    [Test]
    public async Task Routes_ReplacedAThousandTimes_NoRequestFailsAndNothingGrows()
    {
        await using var first = await Backend.StartAsync(static http => http.Response.WriteAsync("a"));
        await using var second = await Backend.StartAsync(static http => http.Response.WriteAsync("b"));
        await using var edge = await Edge.StartAsync(Table("a", 0), ("a", first.Address), ("b", second.Address));
        using var stop = new CancellationTokenSource();
        var served = 0;
        var callers = Enumerable.Range(0, 2).Select(caller => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var response = await edge.Client.GetAsync(new Uri($"/{caller}", UriKind.Relative));
                Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
                Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("a").Or.EqualTo("b"));
                Interlocked.Increment(ref served);
            }
        })).ToArray();
        var (memory, handles) = (0L, 0);
        for (var i = 0; i < Reloads; i++)
        {
            var target = i % 2 == 0 ? "b" : "a";
            edge.Reload(Table(target, i));
            if (i % 20 == 0)
            {
                Assert.That(await edge.Client.GetStringAsync(new Uri("/", UriKind.Relative)), Is.EqualTo(target));
            }

            if (i == 100)
            {
                // Pools and connections are there, and code is compiled.
                (memory, handles) = (GC.GetTotalMemory(forceFullCollection: true), CountHandles());
            }
        }

        var grown = GC.GetTotalMemory(forceFullCollection: true) - memory;
        var opened = CountHandles() - handles;
        await stop.CancelAsync();
        await Task.WhenAll(callers);

        Assert.Multiple(() =>
        {
            Assert.That(served, Is.GreaterThan(100));
            Assert.That(grown, Is.LessThan(MayGrow));
            Assert.That(opened, Is.LessThan(64));
        });
    }

    // Large enough for a leak to show.
    private static string Table(string target, int number) => $$"""
        {
          {{string.Concat(Enumerable.Range(0, 20).Select(i => $$""" "r{{i}}": { "Hostnames": [ "h{{i}}.example" ], "Rules": [ { "Matches": [ { "Path": { "Value": "/v{{number}}/{{i}}" } } ], "BackendRefs": [ { "Name": "{{target}}" } ] } ] }, """))}}
          "all": { "Rules": [ { "BackendRefs": [ { "Name": "{{target}}" } ] } ] }
        }
        """;

    private static int CountHandles() => OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Length : 0;
}
