using System.Buffers;
using Mesh.Client.Policy;

namespace Mesh.Client.Retry;

/// <summary>
/// A request body that can be read only once, kept while the first attempt streams it, so that another attempt can send it
/// again. Up to a bound: a longer one is forgotten, and the call has one attempt.
/// </summary>
/// <remarks>
/// The memory is pooled and belongs to whoever still uses it: the call until its end, the attempt that streams the body,
/// the attempts that send it again. An attempt that was cancelled may still be writing when the call is over, and what it
/// writes must not be somebody else's body by then. The last one returns it.
/// </remarks>
internal sealed class RecordedBody : IDisposable
{
    private const int FirstSize = 4096;

    // The stages of a body. An integer, to be exchanged.
    private const int Untouched = 0;
    private const int Recording = 1;
    private const int Complete = 2;
    private const int Lost = 3;

    private readonly HttpContent _original;
    private readonly int _limit;
    private readonly ArrayPool<byte> _pool;
    private byte[]? _buffer;
    private int _length;
    private int _users = 1;
    private volatile int _stage;
    private volatile bool _isOver;

    /// <param name="original">The body.</param>
    /// <param name="limit">The longest that is kept.</param>
    /// <param name="pool">Where the memory comes from.</param>
    public RecordedBody(HttpContent original, int limit, ArrayPool<byte> pool)
    {
        _original = original;
        _limit = limit;
        _pool = pool;
    }

    /// <summary>Whether the body can be sent now: nobody has begun to read it, or all of it is kept.</summary>
    public bool IsReady => _stage is Untouched or Complete;

    /// <summary>The body of a request that may be sent again; <see langword="null"/> where it need not be kept, or is known to be too long.</summary>
    public static RecordedBody? For(HttpRequestMessage request, bool isIdempotent, bool mayRenewToken, ServicePolicy policy)
    {
        var limit = policy.Retry.MaxBodyBytes;
        return limit > 0
            && (mayRenewToken || (isIdempotent && (policy.Retry.Attempts > 0 || policy.Hedging.IsOn)))
            && request.Content is { } content
            && !RequestCopy.IsReplayable(content)
            && !(content.Headers.ContentLength > limit)
            ? new RecordedBody(content, limit, ArrayPool<byte>.Shared)
            : null;
    }

    /// <summary>The body for one attempt.</summary>
    public HttpContent CreateContent() => _stage == Untouched
        ? new RecordingContent(_original, this)
        : new ReplayedContent(_original, this);

    /// <summary>Begins to keep the body, which the caller is about to read; the first time only.</summary>
    public bool TryBegin()
    {
        if (Interlocked.CompareExchange(ref _stage, Recording, Untouched) != Untouched)
        {
            return false;
        }

        if (TryUse())
        {
            return true;
        }

        _stage = Lost;
        return false;
    }

    public void Append(ReadOnlySpan<byte> piece)
    {
        if (_stage != Recording)
        {
            return;
        }

        if (_isOver || piece.Length > _limit - _length)
        {
            // Nobody will ask for it any more, or it has become too long.
            _stage = Lost;
            Leave();
            return;
        }

        Reserve(_length + piece.Length);
        piece.CopyTo(_buffer.AsSpan(_length));
        _length += piece.Length;
    }

    /// <summary>The body was read: to its end, or as far as was wanted.</summary>
    public void End(bool isComplete)
    {
        if (_stage == Recording)
        {
            _stage = isComplete ? Complete : Lost;
            Leave();
        }
    }

    /// <summary>Writes the kept body once more.</summary>
    public async Task WriteToAsync(Stream stream, CancellationToken cancellationToken)
    {
        Use();
        try
        {
            await stream.WriteAsync(_buffer.AsMemory(0, _length), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>The same for those who cannot wait.</summary>
    public void WriteTo(Stream stream)
    {
        Use();
        try
        {
            stream.Write(_buffer.AsSpan(0, _length));
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>The call is over.</summary>
    public void Dispose()
    {
        if (!_isOver)
        {
            _isOver = true;
            Leave();
        }
    }

    private void Reserve(int length)
    {
        if (_buffer is { } buffer && buffer.Length >= length)
        {
            return;
        }

        var larger = _pool.Rent(Math.Max(Math.Max(FirstSize, length), _length * 2));
        if (_buffer is { } smaller)
        {
            smaller.AsSpan(0, _length).CopyTo(larger);
            _pool.Return(smaller);
        }

        _buffer = larger;
    }

    private void Use()
    {
        if (_stage != Complete || !TryUse())
        {
            throw new InvalidOperationException("The body of this request is not kept.");
        }
    }

    private bool TryUse()
    {
        var users = Volatile.Read(ref _users);
        while (users > 0)
        {
            var found = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (found == users)
            {
                return true;
            }

            users = found;
        }

        return false;
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0 && _buffer is { } buffer)
        {
            _buffer = null;
            _pool.Return(buffer);
        }
    }
}
