using Grpc.Core;
using Grpc.Net.Client;

namespace Mesh.Gateway.Tests.Protocols;

/// <summary>gRPC through the gateway, with the usual client and server of .NET.</summary>
public sealed class GrpcTests
{
    private TalkBackend _mesh = null!;
    private TalkBackend _plain = null!;
    private Edge _overTls = null!;
    private Edge _overPlain = null!;

    private const string Route = """{ "talk": { "Rules": [ { "Matches": [ { "Path": { "Value": "/talk.Talk" } } ], "BackendRefs": [ { "Name": "talk" } ] }, { "Matches": [ { "Path": { "Value": "/lost" } } ], "BackendRefs": [ { "Name": "lost" } ] } ] } }""";

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _mesh = await TalkBackend.StartAsync(inMesh: true);
        _plain = await TalkBackend.StartAsync(inMesh: false);
        _overTls = await Edge.StartInMeshAsync(Route, ("talk", _mesh.Address), ("lost", "127.0.0.1:1"));
        _overPlain = await Edge.StartAsync(Route, ("talk", _plain.Address), ("lost", "127.0.0.1:1"));
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _overTls.DisposeAsync();
        await _overPlain.DisposeAsync();
        await _mesh.DisposeAsync();
        await _plain.DisposeAsync();
    }

    [Test]
    public async Task Unary_MetadataBothWays_Arrives([Values(Front.Http2, Front.Http2OverTls)] Front front, [Values] bool plain)
    {
        using var channel = Connect(front, plain);
        using var call = new Talk.TalkClient(channel).SayAsync(new Words { Text = "hello" }, new Metadata { { "name", "mesh" } }, Soon());

        Assert.That((await call).Text, Is.EqualTo("hello mesh"));
        Assert.That(call.GetTrailers().GetValue("mood"), Is.EqualTo("good"));
    }

    [Test]
    public async Task ServerStreaming_ThatFailsInTheEnd_HasItsWordsAndItsStatus([Values(Front.Http2, Front.Http2OverTls)] Front front, [Values] bool plain)
    {
        using var channel = Connect(front, plain);
        using var call = new Talk.TalkClient(channel).Count(new Words { Text = "one two" }, deadline: Soon());
        var words = new List<string>();
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var word in call.ResponseStream.ReadAllAsync())
            {
                words.Add(word.Text);
            }
        });

        Assert.That(words, Is.EqualTo(new[] { "one", "two" }));
        Assert.That((error!.StatusCode, error.Status.Detail), Is.EqualTo((StatusCode.DataLoss, "no more words")));
        Assert.That(error.Trailers.GetValue("mood"), Is.EqualTo("tired"));
    }

    [Test]
    public async Task ClientStreaming_Arrives([Values(Front.Http2, Front.Http2OverTls)] Front front, [Values] bool plain)
    {
        using var channel = Connect(front, plain);
        using var call = new Talk.TalkClient(channel).Gather(deadline: Soon());
        foreach (var word in (string[])["a", "b", "c"])
        {
            await call.RequestStream.WriteAsync(new Words { Text = word });
        }

        await call.RequestStream.CompleteAsync();
        Assert.That((await call).Text, Is.EqualTo("abc"));
    }

    [Test]
    public async Task BidirectionalStreaming_EachWordIsAnsweredBeforeTheNext([Values(Front.Http2, Front.Http2OverTls)] Front front, [Values] bool plain)
    {
        using var channel = Connect(front, plain);
        using var call = new Talk.TalkClient(channel).Converse(deadline: Soon());
        foreach (var word in (string[])["a", "b", "c"])
        {
            await call.RequestStream.WriteAsync(new Words { Text = word });
            Assert.That(await call.ResponseStream.MoveNext(), Is.True);
            Assert.That(call.ResponseStream.Current.Text, Is.EqualTo(word.ToUpperInvariant()));
        }

        await call.RequestStream.CompleteAsync();
        Assert.That(await call.ResponseStream.MoveNext(), Is.False);
        Assert.That(call.GetStatus().StatusCode, Is.EqualTo(StatusCode.OK));
    }

    [Test]
    public async Task Unary_TrailersOnly_KeepsStatusAndMetadata([Values(Front.Http2, Front.Http2OverTls)] Front front, [Values] bool plain)
    {
        using var channel = Connect(front, plain);
        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Talk.TalkClient(channel).FailAsync(new Words { Text = "nö" }, deadline: Soon()));

        Assert.That((error!.StatusCode, error.Status.Detail), Is.EqualTo((StatusCode.FailedPrecondition, "nö")));
        Assert.That(error.Trailers.GetValue("reason"), Is.EqualTo("asked to"));
    }

    [Test]
    public async Task Stream_ThatTheServiceBreaksOff_IsNoSuccess([Values] bool plain)
    {
        using var channel = Connect(Front.Http2, plain);
        using var call = new Talk.TalkClient(channel).Converse(deadline: Soon());
        await call.RequestStream.WriteAsync(new Words { Text = "a" });
        Assert.That(await call.ResponseStream.MoveNext(), Is.True);
        await call.RequestStream.WriteAsync(new Words { Text = "hang up" });

        var error = await Assert.ThrowsAsync<RpcException>(async () => await call.ResponseStream.MoveNext());

        Assert.That(error!.StatusCode, Is.Not.EqualTo(StatusCode.OK).And.Not.EqualTo(StatusCode.DeadlineExceeded));
    }

    [TestCase("elsewhere.Service", StatusCode.Unimplemented)]
    [TestCase("lost", StatusCode.Unavailable)]
    public async Task Call_TheGatewayCannotPlace_HasTheStatusOfGrpc(string service, StatusCode expected)
    {
        using var channel = Connect(Front.Http2, plain: true);
        var marshaller = Marshallers.Create(static (string text) => System.Text.Encoding.UTF8.GetBytes(text), System.Text.Encoding.UTF8.GetString);
        var method = new Method<string, string>(MethodType.Unary, service, "Say", marshaller, marshaller);
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
            await channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(deadline: Soon()), "x"));

        Assert.That(error!.StatusCode, Is.EqualTo(expected));
    }

    private static DateTime Soon() => DateTime.UtcNow.AddSeconds(20);

    private GrpcChannel Connect(Front front, bool plain) => GrpcChannel.ForAddress(
        front.AddressOf(plain ? _overPlain : _overTls), new GrpcChannelOptions { HttpHandler = FrontExtensions.CreateHandler(), DisposeHttpClient = true });
}
