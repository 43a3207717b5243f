using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Grpc;

/// <summary>Clients made by Grpc.Net.Client and by Grpc.Net.ClientFactory, and what the mesh does for them.</summary>
[TestFixture("channel")]
[TestFixture("factory")]
[TestFixture("factory, before the mesh")]
public sealed class GrpcClientTests(string client)
{
    private const string Settings = """{ "Timeout": "30s", "AttemptTimeout": "20s", "Retry": { "Idempotent": [ "/shop.Orders/Get", "/shop.Orders/Watch", "/shop.Orders/Upload", "/shop.Orders/Talk" ], "Backoff": "1ms", "MaxBackoff": "1ms" }, "Ejection": { "ConsecutiveFailures": 0 } }""";

    private OrdersReplica[] _replicas = [];
    private ClientHost? _host;
    private GrpcChannel? _channel;
    private int _calls;

    private IEnumerable<Dictionary<string, string>> Calls => _replicas.SelectMany(static replica => replica.Calls);

    [SetUp]
    public async Task StartAsync() =>
        _replicas = [await OrdersReplica.StartAsync("one"), await OrdersReplica.StartAsync("two"), await OrdersReplica.StartAsync("three")];

    [TearDown]
    public async Task EndAsync()
    {
        _channel?.Dispose();
        await _host!.DisposeAsync();
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();
        }
    }

    [Test]
    public async Task Unary_ManyCalls_AreBalancedOneByOne()
    {
        var orders = Client();

        for (var i = 0; i < 30; i++)
        {
            Assert.That((await orders.GetAsync(new OrderRequest { Id = $"{i}" })).Id, Is.EqualTo($"{i}"));
        }

        Assert.That(_replicas.Select(static replica => replica.Calls.Count), Has.All.InRange(1, 28));
        Assert.That(Calls.Count(), Is.EqualTo(30));
    }

    [Test]
    public async Task Streams_ManyCalls_AreBalancedOneByOne()
    {
        var orders = Client();
        for (var i = 0; i < 10; i++)
        {
            using var watch = orders.Watch(new OrderRequest { Id = "w" });
            Assert.That((await ReadAsync(watch.ResponseStream)).Select(static reply => reply.Id), Is.EqualTo(new[] { "w", "w", "w" }));

            using var upload = orders.Upload();
            foreach (var id in new[] { "a", "b", "c" })
            {
                await upload.RequestStream.WriteAsync(new OrderRequest { Id = id, Payload = ByteString.CopyFrom(new byte[50_000]) });
            }

            await upload.RequestStream.CompleteAsync();
            Assert.That(await upload, Is.EqualTo(new OrderReply { Id = "abc", Replica = (await upload).Replica, Bytes = 150_000 }), "longer than what is kept");

            using var talk = orders.Talk();
            foreach (var id in new[] { "x", "y" })
            {
                await talk.RequestStream.WriteAsync(new OrderRequest { Id = id });
                Assert.That(await talk.ResponseStream.MoveNext(default), Is.True);
                Assert.That(talk.ResponseStream.Current.Id, Is.EqualTo(id), "answered while the request goes on");
            }

            await talk.RequestStream.CompleteAsync();
            Assert.That(await talk.ResponseStream.MoveNext(default), Is.False);
        }

        Assert.That(_replicas.Select(static replica => replica.Calls.Count), Has.All.InRange(1, 28));
    }

    [TestCase("headers")]
    [TestCase("trailers")]
    public async Task Unary_Unavailable_IsRepeatedElsewhere(string where)
    {
        Fail(1, where, StatusCode.Unavailable);

        var reply = await Client().GetAsync(new OrderRequest { Id = "7", Payload = ByteString.CopyFrom(new byte[30_000]) });

        Assert.That((reply.Id, reply.Bytes), Is.EqualTo(("7", 30_000L)), "the message is kept");
        Assert.That(_replicas.Count(static replica => replica.Calls.Count == 1), Is.EqualTo(2));
        Assert.That(Calls.Select(static headers => headers.GetValueOrDefault("grpc-previous-rpc-attempts")), Is.EquivalentTo(new[] { null, "1" }));
        Assert.That(_host!.State.GetServices().Single().Retries, Is.EqualTo(1));
    }

    [TestCase("headers")]
    [TestCase("trailers")]
    public async Task ServerStream_UnavailableBeforeTheFirstMessage_IsRepeatedElsewhere(string where)
    {
        Fail(1, where, StatusCode.Unavailable);

        using var watch = Client().Watch(new OrderRequest { Id = "w" });

        Assert.That(await ReadAsync(watch.ResponseStream), Has.Count.EqualTo(3));
        Assert.That(Calls.Count(), Is.EqualTo(2));
    }

    [Test]
    public async Task ClientStream_UnavailableAfterAllMessages_IsRepeatedWithAll()
    {
        Fail(1, "trailers", StatusCode.Unavailable, reads: true);

        using var upload = Client().Upload();
        await upload.RequestStream.WriteAsync(new OrderRequest { Id = "a" });
        await upload.RequestStream.WriteAsync(new OrderRequest { Id = "b" });
        await upload.RequestStream.CompleteAsync();

        Assert.That((await upload).Id, Is.EqualTo("ab"));
        Assert.That(Calls.Count(), Is.EqualTo(2));
    }

    [Test]
    public async Task Unary_NotIdempotent_IsNotRepeated()
    {
        Fail(1, "headers", StatusCode.Unavailable);

        var exception = await Assert.ThrowsAsync<RpcException>(async () => await Client().PlaceAsync(new OrderRequest()));

        Assert.That(exception!.StatusCode, Is.EqualTo(StatusCode.Unavailable));
        Assert.That(Calls.Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Unary_IdempotencyKeyInMetadata_IsRepeated()
    {
        Fail(1, "headers", StatusCode.Unavailable);

        await Client().PlaceAsync(new OrderRequest(), new Metadata { { "idempotency-key", "1" } });

        Assert.That(Calls.Count(), Is.EqualTo(2));
    }

    [TestCase("0", 2)]
    [TestCase("-1", 1)]
    public async Task Unary_Pushback_IsObeyed(string pushback, int attempts)
    {
        Fail(1, "headers", StatusCode.Unavailable, pushback);

        try
        {
            await Client().GetAsync(new OrderRequest());
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.Unavailable)
        {
            Assert.That(attempts, Is.EqualTo(1));
        }

        Assert.That(Calls.Count(), Is.EqualTo(attempts));
    }

    [Test]
    public async Task Unary_ReplicaIsGone_AnotherIsCalled()
    {
        Host($$"""{ "orders": { "https": [ "127.0.0.1:1", "{{_replicas[0].Url}}" ] } }""");

        for (var i = 0; i < 5; i++)
        {
            Assert.That((await Create().PlaceAsync(new OrderRequest())).Replica, Is.EqualTo("one"), "nothing was sent: repeated, though not idempotent");
        }
    }

    [Test]
    public async Task Unary_Deadline_IsCarriedAsGrpcTimeout()
    {
        await Client().GetAsync(new OrderRequest(), deadline: DateTime.UtcNow.AddSeconds(10));

        Assert.That(TimeoutOf(Calls.Single()), Is.InRange(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10)));
        Assert.That(Calls.Single().GetValueOrDefault(MeshHeaders.Timeout), Is.Null, "grpc-timeout is sooner and says it all");
    }

    [Test]
    public async Task Unary_Repeated_CarriesLessEachTime()
    {
        foreach (var replica in _replicas)
        {
            replica.Before = async _ =>
            {
                await Task.Delay(50);
                if (Interlocked.Increment(ref _calls) < 3)
                {
                    throw new RpcException(new Status(StatusCode.Unavailable, ""));
                }
            };
        }

        await Client().GetAsync(new OrderRequest(), deadline: DateTime.UtcNow.AddSeconds(10));

        var timeouts = Calls.Select(TimeoutOf).OrderDescending().ToArray();
        Assert.That(timeouts, Has.Length.EqualTo(3));
        Assert.That(timeouts[0] - timeouts[2], Is.GreaterThanOrEqualTo(TimeSpan.FromMilliseconds(90)));
    }

    [Test]
    public async Task Unary_WithoutDeadline_CarriesTheAmbientOne()
    {
        var orders = Client();
        using (MeshContext.Use(new MeshContext { Deadline = Deadline.After(TimeSpan.FromSeconds(8), TimeProvider.System) }))
        {
            await orders.GetAsync(new OrderRequest(), deadline: DateTime.UtcNow.AddSeconds(60));
        }

        Assert.That(TimeoutOf(Calls.Single()), Is.InRange(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(8)));
    }

    [Test]
    public async Task Stream_AmbientDeadlineBoundsTheBeginningOnly_IsNotCarriedAsGrpcTimeout()
    {
        var orders = Client();
        using var ambient = MeshContext.Use(new MeshContext { Deadline = Deadline.After(TimeSpan.FromSeconds(8), TimeProvider.System), End = Deadline.None });

        using var watch = orders.Watch(new OrderRequest());
        await ReadAsync(watch.ResponseStream);

        Assert.That(Calls.Single().GetValueOrDefault(MeshHeaders.GrpcTimeout), Is.Null, "the stream may go on when the caller has the beginning of its answer");
        Assert.That(Calls.Single().GetValueOrDefault(MeshHeaders.Timeout), Is.Not.Null);
    }

    [Test]
    public async Task Unary_DeadlinePasses_IsDeadlineExceeded()
    {
        foreach (var replica in _replicas)
        {
            replica.Before = static async context => await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }

        var exception = await Assert.ThrowsAsync<RpcException>(async () => await Client().GetAsync(new OrderRequest(), deadline: DateTime.UtcNow.AddSeconds(0.5)));

        Assert.That(exception!.StatusCode, Is.EqualTo(StatusCode.DeadlineExceeded));
    }

    [Test]
    public async Task Unary_TimeoutOfTheService_IsDeadlineExceeded()
    {
        foreach (var replica in _replicas)
        {
            replica.Before = static async context => await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }

        var exception = await Assert.ThrowsAsync<RpcException>(async () => await Client("""{ "Timeout": "500ms" }""").GetAsync(new OrderRequest()));

        Assert.That(exception!.StatusCode, Is.EqualTo(StatusCode.DeadlineExceeded), exception.ToString());
    }

    [Test]
    public async Task Unary_CallerCancels_IsCancelled()
    {
        using var caller = new CancellationTokenSource();
        foreach (var replica in _replicas)
        {
            replica.Before = async context =>
            {
                await caller.CancelAsync();
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
            };
        }

        var exception = await Assert.ThrowsAsync<RpcException>(async () => await Client().GetAsync(new OrderRequest(), cancellationToken: caller.Token));

        Assert.That(exception!.StatusCode, Is.EqualTo(StatusCode.Cancelled));
    }

    [Test]
    public async Task Unary_NoEndpoint_IsUnavailable()
    {
        Host("{}");

        var exception = await Assert.ThrowsAsync<RpcException>(async () => await Create().GetAsync(new OrderRequest()));

        Assert.That(exception!.StatusCode, Is.EqualTo(StatusCode.Unavailable), exception.ToString());
    }

    [Test]
    public async Task Unary_ReplicaHangs_IsHedged()
    {
        foreach (var replica in _replicas)
        {
            replica.Before = async context => await Task.Delay(Interlocked.Increment(ref _calls) == 1 ? Timeout.Infinite : 0, context.CancellationToken);
        }

        var orders = Client("""{ "Timeout": "30s", "AttemptTimeout": "20s", "Hedging": { "Delay": "200ms" }, "Retry": { "Idempotent": [ "/shop.Orders/*" ] } }""");
        var reply = await orders.GetAsync(new OrderRequest { Id = "7", Payload = ByteString.CopyFrom(new byte[1000]) });

        Assert.That((reply.Id, reply.Bytes), Is.EqualTo(("7", 1000L)));
        Assert.That(_host!.State.GetServices().Single().Hedges, Is.EqualTo(1));
    }

    private static TimeSpan TimeoutOf(Dictionary<string, string> headers)
    {
        var text = headers.GetValueOrDefault(MeshHeaders.GrpcTimeout)!;
        Assert.That(text, Does.Match("^[0-9]{1,8}[HMSmun]$"));
        Assert.That(DeadlineHeader.TryParse(text, out var timeout), Is.True);
        return timeout;
    }

    private static async Task<List<OrderReply>> ReadAsync(IAsyncStreamReader<OrderReply> stream)
    {
        List<OrderReply> replies = [];
        await foreach (var reply in stream.ReadAllAsync())
        {
            replies.Add(reply);
        }

        return replies;
    }

    // The first calls that come fail.
    private void Fail(int calls, string where, StatusCode status, string? pushback = null, bool reads = false)
    {
        foreach (var replica in _replicas)
        {
            replica.Before = async context =>
            {
                if (Interlocked.Increment(ref _calls) <= calls)
                {
                    if (reads)
                    {
                        await context.GetHttpContext().Request.Body.CopyToAsync(Stream.Null);
                    }

                    if (where == "trailers")
                    {
                        await context.WriteResponseHeadersAsync([]);
                    }

                    throw new RpcException(new Status(status, "on purpose"), pushback is null ? [] : new Metadata { { "grpc-retry-pushback-ms", pushback } });
                }
            };
        }
    }

    private Orders.OrdersClient Client(string settings = Settings)
    {
        var addresses = string.Join(", ", _replicas.Select(static replica => $"\"{replica.Url}\""));
        Host($$"""{ "orders": { "https": [ {{addresses}} ] } }""", settings);
        return Create();
    }

    private ClientHost Host(string addresses, string settings = Settings)
    {
        var json = Given.Services(addresses, $$"""{ "orders": {{settings}} }""");
        return _host = client == "factory, before the mesh"
            ? new ClientHost(json, configureBefore: Register)
            : new ClientHost(json, configure: Register);

        static void Register(IServiceCollection services) =>
            services.AddGrpcClient<Orders.OrdersClient>(static options => options.Address = new Uri("https://orders"));
    }

    private Orders.OrdersClient Create()
    {
        if (client != "channel")
        {
            return _host!.Services.GetRequiredService<Orders.OrdersClient>();
        }

        _channel ??= GrpcChannel.ForAddress("https://orders", new GrpcChannelOptions { HttpHandler = _host!.Services.GetHandler() });
        return new Orders.OrdersClient(_channel);
    }
}
