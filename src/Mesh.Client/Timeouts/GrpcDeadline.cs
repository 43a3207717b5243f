using Mesh.Client.Retry;

namespace Mesh.Client.Timeouts;

/// <summary>
/// When a gRPC call is over with all its messages, as <c>grpc-timeout</c> tells the callee: the application's own deadline
/// or that of the request being served, whichever is sooner.
/// </summary>
/// <remarks>
/// The time-outs of the service are no part of it: they bound the time until the answer begins, and a stream may go on
/// after that. They travel as <see cref="MeshHeaders.Timeout"/>, unless this is sooner anyway.
/// </remarks>
internal sealed class GrpcDeadline
{
    private readonly string? _written;

    private GrpcDeadline(Deadline end, string? written)
    {
        End = end;
        _written = written;
    }

    public Deadline End { get; }

    /// <summary>Gives <see langword="null"/> for what is not gRPC.</summary>
    /// <param name="request">The request, with the application's own <c>grpc-timeout</c>.</param>
    /// <param name="inherited">When the request being served is over.</param>
    /// <param name="time">The clock.</param>
    public static GrpcDeadline? Of(HttpRequestMessage request, Deadline inherited, TimeProvider time)
    {
        if (!GrpcRequest.Is(request))
        {
            return null;
        }

        if (!request.Headers.NonValidated.TryGetValues(MeshHeaders.GrpcTimeout, out var values))
        {
            return new GrpcDeadline(inherited, null);
        }

        var text = values.ToString();
        return DeadlineHeader.TryParse(text, out var remaining)
            ? new GrpcDeadline(Deadline.Earliest(Deadline.After(remaining, time), inherited), text)
            : new GrpcDeadline(inherited, text);
    }

    /// <summary>Writes what is left: less with each attempt.</summary>
    public void Write(HttpRequestMessage request, TimeProvider time)
    {
        if (!End.IsNone)
        {
            request.Headers.Remove(MeshHeaders.GrpcTimeout);
            request.Headers.TryAddWithoutValidation(MeshHeaders.GrpcTimeout, DeadlineHeader.Format(End.Remaining(time)));
        }
    }

    /// <summary>Puts back what the application wrote.</summary>
    public void Restore(HttpRequestMessage request)
    {
        if (!End.IsNone)
        {
            request.Headers.Remove(MeshHeaders.GrpcTimeout);
            if (_written is not null)
            {
                request.Headers.TryAddWithoutValidation(MeshHeaders.GrpcTimeout, _written);
            }
        }
    }
}
