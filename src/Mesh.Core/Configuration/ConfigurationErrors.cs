namespace Mesh.Configuration;

/// <summary>Everything that is wrong with a configuration, each with the path of its field, what was found and what is allowed.</summary>
public sealed class ConfigurationErrors
{
    private readonly List<string> _errors = [];

    /// <summary>Every error so far, in the order found.</summary>
    public IReadOnlyCollection<string> All => _errors;

    /// <summary>Adds one error: <c>{path}: found '{found}', allowed is {allowed}.</c></summary>
    public void Add(string path, object? found, string allowed) => _errors.Add($"{path}: found '{found}', allowed is {allowed}.");

    /// <summary>Adds one error in words of its own.</summary>
    public void Add(string path, string message) => _errors.Add($"{path}: {message}");

    /// <summary>Adds an error for a required value that is absent, unless it is only absent because what was found could not be read.</summary>
    public void AddMissing(string path, string allowed)
    {
        if (!_errors.Exists(error => error.StartsWith($"{path}:", StringComparison.OrdinalIgnoreCase)))
        {
            Add(path, null, allowed);
        }
    }

    /// <summary>Adds an error unless <paramref name="value"/> is absent or a duration above zero and not above 24 hours.</summary>
    public void CheckDuration(string path, TimeSpan? value)
    {
        if (value is { } duration && (duration <= TimeSpan.Zero || duration > TimeSpan.FromHours(24)))
        {
            Add(path, duration, "a duration above 0 and up to 24 hours");
        }
    }

    /// <summary>Adds an error unless <paramref name="value"/> is absent or within the bounds, both included.</summary>
    public void CheckRange(string path, double? value, double min, double max)
    {
        if (value is { } number && !(number >= min && number <= max))
        {
            Add(path, FormattableString.Invariant($"{number}"), FormattableString.Invariant($"a number from {min} to {max}"));
        }
    }

    /// <summary>Throws when there are errors.</summary>
    /// <exception cref="MeshConfigurationException">There is at least one.</exception>
    public void ThrowIfAny(string subject)
    {
        if (_errors.Count > 0)
        {
            throw new MeshConfigurationException(subject, _errors);
        }
    }
}
