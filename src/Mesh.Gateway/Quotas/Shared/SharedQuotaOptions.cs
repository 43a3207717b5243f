using Mesh.Configuration;
using Mesh.Limits;

namespace Mesh.Gateway.Quotas;

/// <summary>How gateways share a quota: section <c>Shared</c> of a quota.</summary>
public sealed class SharedQuotaOptions
{
    internal const int SlicesInLimit = 100;

    private static readonly TimeSpan MinTimeout = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How much of a consumer's quota one gateway claims ahead, for requests to come that then do not ask the store. Less is claimed when little is left.</summary>
    /// <value>Default <see langword="null"/>: a hundredth of the limit, and at least 1. 0 asks for every request.</value>
    public long? Slice { get; set; }

    /// <summary>What holds while the store does not answer. <see cref="RateLimitFallback.Local"/> goes on with what the gateway knows of the others and counts itself.</summary>
    /// <value>Default <see cref="RateLimitFallback.Local"/>.</value>
    public RateLimitFallback WhenUnavailable { get; set; }

    /// <summary>How long a request waits for the store before <see cref="WhenUnavailable"/> holds.</summary>
    /// <value>Default 50 milliseconds; 1 millisecond to 10 seconds.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(50);

    internal static void Read(ConfigurationReader reader, SharedQuotaOptions options)
    {
        options.Slice = reader.LongInteger(nameof(Slice)) ?? options.Slice;
        options.WhenUnavailable = reader.OneOf<RateLimitFallback>(nameof(WhenUnavailable)) ?? options.WhenUnavailable;
        options.Timeout = reader.Duration(nameof(Timeout)) ?? options.Timeout;
    }

    internal void Validate(string path, long limit, ConfigurationErrors errors)
    {
        if (Slice < 0 || Slice > limit)
        {
            errors.Add($"{path}:{nameof(Slice)}", Slice, "0 to the limit of the quota");
        }

        if (Timeout < MinTimeout || Timeout > MaxTimeout)
        {
            errors.Add($"{path}:{nameof(Timeout)}", Timeout, "a duration from 1 ms to 10 seconds");
        }
    }
}
