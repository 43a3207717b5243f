using System.Net;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Tests.Protocols;

/// <summary>Who does not read stops who writes: the gateway keeps what is on its way and no more.</summary>
public sealed class BackPressureTests
{
    private const long Size = 128 << 20;

    // What sockets of the system may hold on two connections, twice over; the gateway's own share is below 2 MiB.
    private const long OnTheWay = 64 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Test]
    public async Task Download_ReaderStandsStill_SoDoesTheService([Values(Front.Http11, Front.Http2)] Front front, [Values] bool inMesh)
    {
        var written = new Progress();
        await using var backend = await StartAsync(inMesh, async http =>
        {
            http.Response.ContentLength = Size;
            await written.CopyAsync((bytes, cancellation) => http.Response.Body.WriteAsync(bytes, cancellation), http.RequestAborted);
        });
        await using var edge = await StartAsync(inMesh, backend, "");
        using var client = front.CreateClient(edge);
        using var response = await client.GetAsync(new Uri("/", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        Assert.That(await written.SettleAsync(Patience), Is.LessThan(OnTheWay));

        await using var body = await response.Content.ReadAsStreamAsync();
        Assert.That(await CountAsync(body), Is.EqualTo(Size));
    }

    [Test]
    public async Task Upload_ServiceStandsStill_SoDoesTheCaller([Values(Front.Http11, Front.Http2)] Front front, [Values] bool inMesh)
    {
        var written = new Progress();
        using var go = new SemaphoreSlim(0);
        await using var backend = await StartAsync(inMesh, async http =>
        {
            await go.WaitAsync(Patience);
            await http.Response.WriteAsync($"{await CountAsync(http.Request.Body)}");
        });
        await using var edge = await StartAsync(inMesh, backend, $$""" "Filters": [ { "Type": "BodyLimit", "BodyLimit": { "MaxBytes": {{Size}} } } ] """);
        using var client = front.CreateClient(edge);
        var sending = client.PostAsync(new Uri("/", UriKind.Relative), new EndlessContent(written));
        Assert.That(await written.SettleAsync(Patience), Is.LessThan(OnTheWay));
        go.Release();
        using var response = await sending;

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo($"{Size}"));
    }

    private static Task<Backend> StartAsync(bool inMesh, RequestDelegate serve) => inMesh ? Backend.StartInMeshAsync("b", Unlimited(serve)) : Backend.StartAsync(serve);

    // The limits of a service of the mesh are not those of the test's Kestrel.
    private static RequestDelegate Unlimited(RequestDelegate serve) => http =>
    {
        http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
        return serve(http);
    };

    private static Task<Edge> StartAsync(bool inMesh, Backend backend, string more) => inMesh
        ? Edge.StartInMeshAsync(Edge.Everything("b", more), ("b", backend.Address))
        : Edge.StartAsync(Edge.Everything("b", more), ("b", backend.Address));

    private static async Task<long> CountAsync(Stream stream)
    {
        var buffer = new byte[256 * 1024];
        var count = 0L;
        while (await stream.ReadAsync(buffer) is > 0 and var read)
        {
            count += read;
        }

        return count;
    }

    /// <summary>Writes a body and counts how far it has come.</summary>
    private sealed class Progress
    {
        private long _written;

        public async Task CopyAsync(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, CancellationToken cancellation)
        {
            var block = new byte[64 * 1024];
            for (var i = 0; i < Size / block.Length; i++)
            {
                await write(block, cancellation);
                Interlocked.Add(ref _written, block.Length);
            }
        }

        /// <summary>Waits until no more is written for a while.</summary>
        public async Task<long> SettleAsync(TimeSpan patience)
        {
            var last = -1L;
            for (var until = DateTime.UtcNow + patience; DateTime.UtcNow < until;)
            {
                var now = Interlocked.Read(ref _written);
                if (now == last && now > 0)
                {
                    break;
                }

                last = now;
                await Task.Delay(TimeSpan.FromMilliseconds(400));
            }

            return last;
        }
    }

    private sealed class EndlessContent(Progress written) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => written.CopyAsync(stream.WriteAsync, CancellationToken.None);

        protected override bool TryComputeLength(out long length)
        {
            length = Size;
            return true;
        }
    }
}
