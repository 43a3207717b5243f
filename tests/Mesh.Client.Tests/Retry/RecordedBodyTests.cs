using System.IO.Pipelines;
using System.Net.Http.Headers;
using CsCheck;
using Mesh.Client.Retry;
using Mesh.Client.Tests.Fixtures;

namespace Mesh.Client.Tests.Retry;

public sealed class RecordedBodyTests
{
    private readonly CountingPool _pool = new();

    [Test]
    public void CreateContent_BodyWithinTheBound_IsTheSameAgain() => Gen.Select(Gen.Byte.Array[0, 900].Array[0, 12], Gen.Int[0, 8000]).Sample((pieces, limit) =>
    {
        var pool = new CountingPool();
        using var original = new Pieces(pieces);
        var body = new RecordedBody(original, limit, pool);
        using var first = new MemoryStream();
        body.CreateContent().CopyTo(first, null, default);
        var whole = pieces.SelectMany(static piece => piece).ToArray();
        var sent = first.ToArray().SequenceEqual(whole);
        var same = !body.IsReady;
        if (body.IsReady)
        {
            for (var i = 0; i < 2; i++)
            {
                using var again = new MemoryStream();
                body.CreateContent().CopyTo(again, null, default);
                same = again.ToArray().SequenceEqual(whole);
            }
        }

        var kept = body.IsReady;
        body.Dispose();
        return sent && same && kept == whole.Length <= limit && pool.Rented == 0;
    });

    [Test]
    public void CreateContent_Headers_AreThoseOfTheBody()
    {
        using var original = new StreamContent(new MemoryStream([1, 2, 3])) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv"), ContentLanguage = { "de", "en" } } };
        using var body = new RecordedBody(original, 100, _pool);
        var first = body.CreateContent();
        first.CopyTo(Stream.Null, null, default);
        var second = body.CreateContent();

        foreach (var content in new[] { first, second })
        {
            Assert.That(content.Headers.ContentLength, Is.EqualTo(3));
            Assert.That(content.Headers.ToString(), Is.EqualTo(original.Headers.ToString()));
        }
    }

    [Test]
    public async Task IsReady_BodyUnderWay_IsFalseUntilItsEnd()
    {
        var pipe = new Pipe();
        using var original = new StreamContent(pipe.Reader.AsStream());
        using var body = new RecordedBody(original, 100, _pool);
        Assert.That(body.IsReady, Is.True, "untouched: the first attempt may fail to connect");
        var sending = body.CreateContent().CopyToAsync(Stream.Null);
        await pipe.Writer.WriteAsync(new byte[10]);
        Assert.That(body.IsReady, Is.False);

        await pipe.Writer.CompleteAsync();
        await sending;

        Assert.That(body.IsReady, Is.True);
    }

    [Test]
    public async Task Dispose_BodyUnderWay_ReturnsTheMemoryWithTheNextPiece()
    {
        var pipe = new Pipe();
        using var original = new StreamContent(pipe.Reader.AsStream());
        var body = new RecordedBody(original, 100, _pool);
        using var sent = new MemoryStream();
        var sending = body.CreateContent().CopyToAsync(sent);
        await pipe.Writer.WriteAsync(new byte[10]);
        await Eventually.UntilAsync(() => _pool.Rented == 1);

        body.Dispose();
        await pipe.Writer.WriteAsync(new byte[10]);
        await Eventually.UntilAsync(() => _pool.Rented == 0);
        await pipe.Writer.CompleteAsync();
        await sending;

        Assert.That(sent.Length, Is.EqualTo(20), "the attempt itself goes on");
    }

    [Test]
    public async Task CopyToAsync_BodyBreaks_IsNotReadyAndReturnsTheMemory()
    {
        var pipe = new Pipe();
        using var original = new StreamContent(pipe.Reader.AsStream());
        var body = new RecordedBody(original, 100, _pool);
        var sending = body.CreateContent().CopyToAsync(Stream.Null);
        await pipe.Writer.WriteAsync(new byte[10]);
        await pipe.Writer.CompleteAsync(new IOException("broken"));

        Assert.That(async () => await sending, Throws.Exception);
        Assert.That(body.IsReady, Is.False);
        body.Dispose();
        Assert.That(_pool.Rented, Is.Zero);
    }

    [Test]
    public async Task Dispose_AnotherAttemptIsStillSending_KeepsTheMemoryUntilThen()
    {
        using var original = new StreamContent(new MemoryStream([1, 2, 3]));
        var body = new RecordedBody(original, 100, _pool);
        await body.CreateContent().CopyToAsync(Stream.Null);
        using var slow = new SlowStream();
        var sending = body.CreateContent().CopyToAsync(slow);

        body.Dispose();
        Assert.That(_pool.Rented, Is.EqualTo(1));
        slow.Release.SetResult();
        await sending;

        Assert.That((slow.Sent, _pool.Rented), Is.EqualTo((new byte[] { 1, 2, 3 }, 0)));
        Assert.That(async () => await body.CreateContent().CopyToAsync(Stream.Null), Throws.InvalidOperationException, "the call is over");
    }

    private sealed class Pieces(byte[][] pieces) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            foreach (var piece in pieces)
            {
                await stream.WriteAsync(piece);
            }
        }

        protected override void SerializeToStream(Stream stream, System.Net.TransportContext? context, CancellationToken cancellationToken) =>
            SerializeToStreamAsync(stream, context).GetAwaiter().GetResult();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private sealed class SlowStream : MemoryStream
    {
        public TaskCompletionSource Release { get; } = new();

        public byte[] Sent { get; private set; } = [];

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Release.Task;
            Sent = buffer.ToArray();
        }
    }
}
