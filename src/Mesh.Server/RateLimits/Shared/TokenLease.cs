namespace Mesh.Server.RateLimits.Shared;

/// <summary>Tokens of a key that were taken ahead, and may be used until they expire. An older one may be behind it.</summary>
internal sealed class TokenLease(int tokens, long expiresAt, TokenLease? older)
{
    private int _tokens = tokens;

    public TokenLease? Older => older;

    public int Tokens => Volatile.Read(ref _tokens);

    public bool IsUseless(long now) => now >= expiresAt || Tokens == 0;

    public bool TryTake(int cost, long now)
    {
        var seen = Tokens;
        while (now < expiresAt && seen >= cost)
        {
            var before = Interlocked.CompareExchange(ref _tokens, seen - cost, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    public void Return(int cost) => Interlocked.Add(ref _tokens, cost);
}
