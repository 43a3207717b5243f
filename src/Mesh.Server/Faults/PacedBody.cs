using System.IO.Pipelines;
using Mesh.Faults;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Server.Faults;

/// <summary>A response body that leaves slowly.</summary>
internal sealed class PacedBody(IHttpResponseBodyFeature inner, BodyPace pace) : IHttpResponseBodyFeature
{
    private PipeWriter? _writer;

    public Stream Stream { get; } = new PacedWriteStream(inner.Stream, pace);

    public PipeWriter Writer => _writer ??= PipeWriter.Create(Stream, new StreamPipeWriterOptions(leaveOpen: true));

    public void DisableBuffering() => inner.DisableBuffering();

    public Task StartAsync(CancellationToken cancellationToken = default) => inner.StartAsync(cancellationToken);

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(Stream, path, offset, count, cancellationToken);

    public async Task CompleteAsync()
    {
        await FinishAsync().ConfigureAwait(false);
        await inner.CompleteAsync().ConfigureAwait(false);
    }

    /// <summary>Lets out what was written to the pipe and not flushed, as the server would at the end of a request.</summary>
    public ValueTask FinishAsync() => _writer?.CompleteAsync() ?? ValueTask.CompletedTask;
}
