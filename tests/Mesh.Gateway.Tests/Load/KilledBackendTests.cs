using System.Net;
using Mesh.Gateway.Tests.Protocols;

namespace Mesh.Gateway.Tests.Load;

/// <summary>A replica dies under load: what was half done is broken off, and everything after it is served by the other.</summary>
public sealed class KilledBackendTests
{
    private const int Callers = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Test]
    public async Task Replica_KilledInMidResponse_NoAnswerIsShortAndLooksWhole([Values(Front.Http11, Front.Http2)] Front front, [Values("/counted", "/chunked")] string path)
    {
        using var doomed = new KillableBackend();
        using var other = new KillableBackend();
        await using var edge = await Edge.StartAsync(Edge.Everything("b"), ("b:http:0", doomed.Address), ("b:http:1", other.Address));
        using var client = front.CreateClient(edge);
        using var stop = new CancellationTokenSource();
        var tally = new Tally();
        var callers = Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await tally.CallAsync(client, path);
            }
        })).ToArray();
        await UntilAsync("under load", tally, () => doomed.UnderWay >= 4 && tally.Whole >= Callers);

        doomed.Kill();
        await UntilAsync("broken off", tally, () => tally.Broken > 0);
        var before = tally.Whole;
        await UntilAsync("served by the other", tally, () => tally.Whole > before + (4 * Callers));
        await stop.CancelAsync();
        await Task.WhenAll(callers);

        Assert.Multiple(() =>
        {
            Assert.That(tally.Short, Is.Zero, "answers that are short and look whole");
            Assert.That(tally.Refused, Is.Zero, "answers that are neither whole nor broken off");
            Assert.That(tally.Broken, Is.InRange(1, Callers), "one for each caller at most");
        });
    }

    private static async Task UntilAsync(string what, Tally tally, Func<bool> condition)
    {
        for (var until = DateTime.UtcNow + Patience; !condition();)
        {
            Assert.That(DateTime.UtcNow, Is.LessThan(until), () => $"not {what}: {tally}");
            await Task.Delay(10);
        }
    }

    private sealed class Tally
    {
        private int _whole;
        private int _short;
        private int _broken;
        private int _refused;
        private volatile string? _last;

        public int Whole => Volatile.Read(ref _whole);

        public int Short => Volatile.Read(ref _short);

        public int Broken => Volatile.Read(ref _broken);

        public int Refused => Volatile.Read(ref _refused);

        public override string ToString() => $"{Whole} whole, {Short} short, {Broken} broken off, {Refused} refused {_last}";

        // Of a response that is broken off before anything of it has been passed on the caller is told in plain words.
        private ref int Count(HttpStatusCode status, int length)
        {
            switch (status)
            {
                case HttpStatusCode.OK when length == KillableBackend.Pieces * KillableBackend.PieceSize:
                    return ref _whole;
                case HttpStatusCode.OK:
                    return ref _short;
                case HttpStatusCode.BadGateway:
                    return ref _broken;
                default:
                    return ref _refused;
            }
        }

        public async Task CallAsync(HttpClient client, string path)
        {
            try
            {
                using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
                var length = (await response.Content.ReadAsByteArrayAsync()).Length;
                Interlocked.Increment(ref Count(response.StatusCode, length));
            }
            catch (HttpRequestException exception)
            {
                Interlocked.Increment(ref _broken);
                _last = exception.Message;
            }
        }
    }
}
