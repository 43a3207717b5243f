namespace Mesh.Client.Tests.Simulation;

/// <summary>How a replica behaves.</summary>
internal enum Illness
{
    None,

    /// <summary>Answers after twenty times its usual time.</summary>
    Slow,

    /// <summary>Answers 500, faster than it works.</summary>
    Failing,

    /// <summary>Answers 503 with Retry-After.</summary>
    Overloaded,

    /// <summary>Takes requests and never answers.</summary>
    Hanging,

    /// <summary>Answers 502 for what stands behind it.</summary>
    BadGateway,

    /// <summary>Fails every third request or so.</summary>
    Flaky,

    /// <summary>Refuses connections; what was under way breaks.</summary>
    Crashed,
}

/// <summary>One replica of the service.</summary>
internal sealed class Replica(int number, TimeSpan latency)
{
    public string Host { get; } = $"10.0.{number / 250}.{(number % 250) + 1}";

    public string Address => $"{Host}:80";

    public Illness Illness { get; set; }

    /// <summary>How long a request takes here: log-normal, as latencies are.</summary>
    public TimeSpan Draw(Random random)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var time = latency * Math.Exp(0.5 * normal);
        return Illness switch
        {
            Illness.Slow => time * 20,
            Illness.Failing or Illness.Overloaded => time / 5,
            _ => time,
        };
    }
}
