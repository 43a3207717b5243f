using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Configuration;

/// <summary>
/// Reads a configuration section into an options object, and collects every error instead of stopping at the first.
/// </summary>
/// <remarks>
/// The framework's binder stops at the first value it cannot convert and ignores misspelt keys. A policy with a
/// misspelt key is a policy that is not in force, so here an unknown key is an error that names the keys there are.
/// </remarks>
public sealed class ConfigurationReader
{
    private readonly ConfigurationNode _section;
    private readonly ConfigurationErrors _errors;
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    private ConfigurationReader(ConfigurationNode section, string path, ConfigurationErrors errors)
    {
        _section = section;
        Path = path;
        _errors = errors;
    }

    /// <summary>The path of the section, as error messages give it.</summary>
    public string Path { get; }

    /// <summary>Reads <paramref name="section"/> with <paramref name="read"/>, then reports the keys it did not ask for.</summary>
    public static void Read<T>(IConfigurationSection section, ConfigurationErrors errors, T target, Action<ConfigurationReader, T> read)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(errors);
        ArgumentNullException.ThrowIfNull(read);
        var reader = new ConfigurationReader(ConfigurationNode.Read(section), section.Path, errors);
        read(reader, target);
        reader.ReportUnknown();
    }

    /// <summary>
    /// Makes options: their defaults, then what <paramref name="section"/> says, then what code says. The same at the
    /// start and at each reload.
    /// </summary>
    /// <param name="section">The section, or <see langword="null"/> in an application without configuration.</param>
    /// <param name="configures">The application's own changes, in their order.</param>
    /// <param name="errors">Takes what cannot be read.</param>
    /// <param name="read">Reads the section.</param>
    public static T Read<T>(
        IConfigurationSection? section,
        IEnumerable<IConfigureOptions<T>> configures,
        ConfigurationErrors errors,
        Action<ConfigurationReader, T> read)
        where T : class, new()
    {
        ArgumentNullException.ThrowIfNull(configures);
        var options = new T();
        if (section is not null)
        {
            Read(section, errors, options, read);
        }

        foreach (var configure in configures)
        {
            configure.Configure(options);
        }

        return options;
    }

    /// <summary>A string, or <see langword="null"/> when absent.</summary>
    public string? Text(string name)
    {
        _known.Add(name);
        var section = _section.Find(name);
        if (section is { Value: null, Children.Count: > 0 })
        {
            _errors.Add(PathOf(name), "found a section, allowed is a single value.");
        }

        return section?.Value;
    }

    /// <summary>A duration: <c>00:00:01.5</c>, or as the Gateway API writes it (GEP-2257): <c>1h30m</c>, <c>1s500ms</c>.</summary>
    public TimeSpan? Duration(string name) => Convert<TimeSpan>(
        name,
        static (string text, out TimeSpan value) =>
            // Without a colon the framework's format is a number of days, which nobody means by "10".
            (text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParseExact(text, ["c", "g"], CultureInfo.InvariantCulture, out value))
            || GatewayDuration.TryParse(text, out value),
        "a duration such as '00:00:01.500' or '1s500ms'");

    /// <summary>A whole number.</summary>
    public int? Integer(string name) => Convert<int>(
        name,
        static (string text, out int value) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value),
        "a whole number");

    /// <summary>A whole number beyond what an <see cref="int"/> holds.</summary>
    public long? LongInteger(string name) => Convert<long>(
        name,
        static (string text, out long value) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value),
        "a whole number");

    /// <summary>A number.</summary>
    public double? Number(string name) => Convert<double>(
        name,
        static (string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value),
        "a number");

    /// <summary>A point in time, as ISO 8601 writes it: <c>2027-01-31T09:00:00Z</c>, or <c>2027-01-31</c> for the beginning of that day in UTC.</summary>
    public DateTimeOffset? Time(string name) => Convert<DateTimeOffset>(
        name,
        static (string text, out DateTimeOffset value) =>
            DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out value),
        "a time such as '2027-01-31T09:00:00Z'");

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public bool? Boolean(string name) => Convert<bool>(name, bool.TryParse, "true or false");

    /// <summary>One of the names of an enumeration, in any case.</summary>
    public TEnum? OneOf<TEnum>(string name)
        where TEnum : struct, Enum => Convert<TEnum>(
            name,
            TryParse,
            $"one of {string.Join(", ", Enum.GetNames<TEnum>())}");

    /// <summary>A list of strings; <see langword="null"/> when absent.</summary>
    public List<string>? Texts(string name)
    {
        _known.Add(name);
        if (_section.Find(name) is not { Exists: true } section)
        {
            return null;
        }

        RefuseValue(name, section, "a list");
        List<string> values = [];
        foreach (var item in section.Children)
        {
            if (item.Value is { } value)
            {
                values.Add(value);
            }
            else
            {
                _errors.Add(ConfigurationPath.Combine(PathOf(name), item.Key), "found a section, allowed is a single value.");
            }
        }

        return values;
    }

    /// <summary>A list of names of an enumeration, in any case; <see langword="null"/> when absent.</summary>
    public List<TEnum>? ListOf<TEnum>(string name)
        where TEnum : struct, Enum
    {
        if (Texts(name) is not { } texts)
        {
            return null;
        }

        List<TEnum> values = [];
        foreach (var (index, text) in texts.Index())
        {
            if (TryParse(text, out TEnum value))
            {
                values.Add(value);
            }
            else
            {
                _errors.Add($"{PathOf(name)}:{index}", text, $"one of {string.Join(", ", Enum.GetNames<TEnum>())}");
            }
        }

        return values;
    }

    /// <summary>A list of whole numbers; <see langword="null"/> when absent.</summary>
    public List<int>? Integers(string name)
    {
        if (Texts(name) is not { } texts)
        {
            return null;
        }

        List<int> values = [];
        foreach (var (index, text) in texts.Index())
        {
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            {
                values.Add(value);
            }
            else
            {
                _errors.Add($"{PathOf(name)}:{index}", text, "a whole number");
            }
        }

        return values;
    }

    /// <summary>Strings by name; <see langword="null"/> when absent.</summary>
    public Dictionary<string, string>? TextMap(string name)
    {
        _known.Add(name);
        if (_section.Find(name) is not { Exists: true } section)
        {
            return null;
        }

        RefuseValue(name, section, "values by name");
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (var item in section.Children)
        {
            if (item.Value is { } value)
            {
                values[item.Key] = value;
            }
            else
            {
                _errors.Add(ConfigurationPath.Combine(PathOf(name), item.Key), "found a section, allowed is a single value.");
            }
        }

        return values;
    }

    /// <summary>Reads whole numbers by name into <paramref name="target"/>, on top of what it holds under the same names.</summary>
    public void IntegerMap(string name, IDictionary<string, int> target)
    {
        ArgumentNullException.ThrowIfNull(target);
        foreach (var (key, text) in TextMap(name) ?? [])
        {
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            {
                target[key] = value;
            }
            else
            {
                _errors.Add(ConfigurationPath.Combine(PathOf(name), key), text, "a whole number");
            }
        }
    }

    /// <summary>Reads a nested section into <paramref name="target"/> when it is there.</summary>
    /// <returns>Whether it is there.</returns>
    public bool Section<T>(string name, T target, Action<ConfigurationReader, T> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        _known.Add(name);
        if (_section.Find(name) is not { Exists: true } section)
        {
            return false;
        }

        Descend(section, PathOf(name), target, read);
        return true;
    }

    /// <summary>Reads a nested section on top of <paramref name="existing"/>.</summary>
    /// <returns>The result; <paramref name="existing"/>, which may be <see langword="null"/>, when the section is absent.</returns>
    public T? SectionOrNull<T>(string name, T? existing, Action<ConfigurationReader, T> read)
        where T : class, new()
    {
        var target = existing ?? new T();
        return Section(name, target, read) ? target : existing;
    }

    /// <summary>Reads a list of sections; <see langword="null"/> when absent.</summary>
    public List<T>? Sections<T>(string name, Action<ConfigurationReader, T> read)
        where T : new()
    {
        ArgumentNullException.ThrowIfNull(read);
        _known.Add(name);
        if (_section.Find(name) is not { Exists: true } section)
        {
            return null;
        }

        RefuseValue(name, section, "a list of sections");
        List<T> items = [];
        foreach (var child in section.Children)
        {
            var item = new T();
            Descend(child, ConfigurationPath.Combine(PathOf(name), child.Key), item, read);
            items.Add(item);
        }

        return items;
    }

    /// <summary>Reads named sections into <paramref name="target"/>, on top of what it holds under the same names.</summary>
    public void Map<T>(string name, IDictionary<string, T> target, Action<ConfigurationReader, T> read)
        where T : new()
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(read);
        _known.Add(name);
        if (_section.Find(name) is not { } section)
        {
            return;
        }

        RefuseValue(name, section, "sections by name");
        foreach (var child in section.Children)
        {
            if (!target.TryGetValue(child.Key, out var item))
            {
                target[child.Key] = item = new T();
            }

            Descend(child, ConfigurationPath.Combine(PathOf(name), child.Key), item, read);
        }
    }

    /// <summary>Names a key that belongs to somebody else and is not an error.</summary>
    public void Ignore(string name) => _known.Add(name);

    private delegate bool Parser<T>(string text, out T value);

    private T? Convert<T>(string name, Parser<T> parse, string allowed)
        where T : struct
    {
        // An empty value is how environment variables and JSON null say "absent".
        if (Text(name) is not { Length: > 0 } text)
        {
            return null;
        }

        if (parse(text, out var value))
        {
            return value;
        }

        _errors.Add(PathOf(name), text, allowed);
        return null;
    }

    // Enum.TryParse would also take numbers and comma-separated lists.
    private static bool TryParse<TEnum>(string text, out TEnum value)
        where TEnum : struct, Enum
    {
        value = default;
        return Enum.GetNames<TEnum>().Contains(text, StringComparer.OrdinalIgnoreCase) && Enum.TryParse(text, ignoreCase: true, out value);
    }

    private void Descend<T>(ConfigurationNode section, string path, T target, Action<ConfigurationReader, T> read)
    {
        var nested = new ConfigurationReader(section, path, _errors);
        if (!string.IsNullOrEmpty(section.Value))
        {
            _errors.Add(path, section.Value, "a section");
            return;
        }

        read(nested, target);
        nested.ReportUnknown();
    }

    // An empty value is how JSON writes an empty list.
    private void RefuseValue(string name, ConfigurationNode section, string allowed)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            _errors.Add(PathOf(name), section.Value, allowed);
        }
    }

    private void ReportUnknown()
    {
        foreach (var child in _section.Children)
        {
            if (!_known.Contains(child.Key))
            {
                _errors.Add(PathOf(child.Key), $"there is no such setting; allowed here are {string.Join(", ", _known.Order(StringComparer.OrdinalIgnoreCase))}.");
            }
        }
    }

    private string PathOf(string name) => ConfigurationPath.Combine(Path, name);
}
