using Grpc.Core;

namespace Mesh.Gateway.Tests.Protocols;

/// <summary>A gRPC service with a method of each kind.</summary>
internal sealed class TalkService : Talk.TalkBase
{
    public override Task<Words> Say(Words request, ServerCallContext context)
    {
        context.ResponseTrailers.Add("mood", "good");
        return Task.FromResult(new Words { Text = $"{request.Text} {context.RequestHeaders.GetValue("name")}" });
    }

    public override async Task Count(Words request, IServerStreamWriter<Words> responseStream, ServerCallContext context)
    {
        foreach (var word in request.Text.Split(' '))
        {
            await responseStream.WriteAsync(new Words { Text = word });
        }

        context.ResponseTrailers.Add("mood", "tired");
        throw new RpcException(new Status(StatusCode.DataLoss, "no more words"));
    }

    public override async Task<Words> Gather(IAsyncStreamReader<Words> requestStream, ServerCallContext context)
    {
        var all = new Words();
        await foreach (var words in requestStream.ReadAllAsync())
        {
            all.Text += words.Text;
        }

        return all;
    }

    public override async Task Converse(IAsyncStreamReader<Words> requestStream, IServerStreamWriter<Words> responseStream, ServerCallContext context)
    {
        await foreach (var words in requestStream.ReadAllAsync())
        {
            if (words.Text == "hang up")
            {
                context.GetHttpContext().Abort();
                return;
            }

            await responseStream.WriteAsync(new Words { Text = words.Text.ToUpperInvariant() });
        }
    }

    public override Task<Words> Fail(Words request, ServerCallContext context) =>
        throw new RpcException(new Status(StatusCode.FailedPrecondition, request.Text), new Metadata { { "reason", "asked to" } });
}
