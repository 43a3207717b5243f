using System.Runtime.CompilerServices;

namespace Mesh.Server.LoadShedding;

/// <summary>A compiled <see cref="LoadSheddingRouteOptions"/> with the count of what it serves at the moment.</summary>
internal sealed class SheddingRoute
{
    private readonly LoadSheddingRouteOptions _options;
    private readonly StrongBox<int> _inFlight;

    public SheddingRoute(LoadSheddingRouteOptions options)
        : this(options, new StrongBox<int>())
    {
    }

    private SheddingRoute(LoadSheddingRouteOptions options, StrongBox<int> inFlight)
    {
        (_options, _inFlight) = (options, inFlight);
        Key = $"{string.Join(' ', options.Methods)} {string.Join(' ', options.Paths)}";
    }

    public Criticality? Criticality => _options.Criticality;

    public bool IsExempt => _options.Exempt;

    /// <summary>What it is kept by through a reload.</summary>
    public string Key { get; }

    /// <summary>The same route under changed options; what is in flight stays counted.</summary>
    public SheddingRoute With(LoadSheddingRouteOptions options) => new(options, _inFlight);

    public bool Matches(string method, string path)
    {
        foreach (var allowed in _options.Paths)
        {
            if (allowed.EndsWith('*')
                ? path.AsSpan().StartsWith(allowed.AsSpan(0, allowed.Length - 1), StringComparison.OrdinalIgnoreCase)
                : path.Equals(allowed, StringComparison.OrdinalIgnoreCase))
            {
                return _options.Methods.Count == 0 || _options.Methods.Contains(method, StringComparer.OrdinalIgnoreCase);
            }
        }

        return false;
    }

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _inFlight.Value) <= (_options.Limit ?? int.MaxValue))
        {
            return true;
        }

        Interlocked.Decrement(ref _inFlight.Value);
        return false;
    }

    public void Exit() => Interlocked.Decrement(ref _inFlight.Value);
}
