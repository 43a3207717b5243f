using Mesh.Configuration;

namespace Mesh.Limits;

/// <summary>Shares a limit among processes through a store: section <c>Shared</c> of a limit.</summary>
public sealed class SharedRateLimitOptions
{
    private const int AllowanceShare = 10;
    private const int SlicesInAllowance = 4;

    /// <summary>How often the store is asked.</summary>
    /// <value>Default <see cref="SharedRateLimitMode.Exact"/>.</value>
    public SharedRateLimitMode Mode { get; set; }

    /// <summary>With <see cref="SharedRateLimitMode.Leased"/>, how many tokens of one key all processes together may have taken ahead.</summary>
    /// <value>Default <see langword="null"/>: a tenth of what may be taken at once, and at least 1.</value>
    public int? Overshoot { get; set; }

    /// <summary>With <see cref="SharedRateLimitMode.Leased"/>, how long a token that was taken ahead may be used.</summary>
    /// <value>Default 1 second; 10 milliseconds to 1 minute.</value>
    public TimeSpan LeaseTime { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>What holds while the store does not answer.</summary>
    /// <value>Default <see cref="RateLimitFallback.Local"/>.</value>
    public RateLimitFallback WhenUnavailable { get; set; }

    /// <summary>How long a request waits for the store before <see cref="WhenUnavailable"/> holds.</summary>
    /// <value>Default 50 milliseconds; 1 millisecond to 10 seconds.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How many tokens of a limit all processes together may have taken ahead.</summary>
    public static int AllowanceOf(RateLimitOptions limit)
    {
        ArgumentNullException.ThrowIfNull(limit);
        return limit.Shared is { Mode: SharedRateLimitMode.Leased } shared
            ? shared.Overshoot ?? Math.Max(1, (limit.Burst ?? limit.Limit) / AllowanceShare)
            : 0;
    }

    /// <summary>How many tokens of a limit are asked for ahead at a time.</summary>
    public static int SliceOf(RateLimitOptions limit) => (AllowanceOf(limit) + SlicesInAllowance - 1) / SlicesInAllowance;

    internal static void Read(ConfigurationReader reader, SharedRateLimitOptions options)
    {
        options.Mode = reader.OneOf<SharedRateLimitMode>(nameof(Mode)) ?? options.Mode;
        options.Overshoot = reader.Integer(nameof(Overshoot)) ?? options.Overshoot;
        options.LeaseTime = reader.Duration(nameof(LeaseTime)) ?? options.LeaseTime;
        options.WhenUnavailable = reader.OneOf<RateLimitFallback>(nameof(WhenUnavailable)) ?? options.WhenUnavailable;
        options.Timeout = reader.Duration(nameof(Timeout)) ?? options.Timeout;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        if (Overshoot is < 1 || (Overshoot is not null && Mode == SharedRateLimitMode.Exact))
        {
            errors.Add($"{path}:{nameof(Overshoot)}", Overshoot, $"a whole number from 1, and only with {nameof(SharedRateLimitMode.Leased)}");
        }

        if (LeaseTime < TimeSpan.FromMilliseconds(10) || LeaseTime > TimeSpan.FromMinutes(1))
        {
            errors.Add($"{path}:{nameof(LeaseTime)}", LeaseTime, "a duration from 10 ms to 1 minute");
        }

        if (Timeout < TimeSpan.FromMilliseconds(1) || Timeout > TimeSpan.FromSeconds(10))
        {
            errors.Add($"{path}:{nameof(Timeout)}", Timeout, "a duration from 1 ms to 10 seconds");
        }
    }
}
