using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Mesh.Configuration;
using Microsoft.Extensions.Logging;

namespace Mesh.Gateway.Auth.Tokens;

/// <summary>
/// The keys of the gateway's tokens, from files that somebody else may replace. A key that is gone is published for a while:
/// tokens that it has signed are on their way. When new files cannot be read, the keys in force stay.
/// </summary>
internal sealed partial class SigningKeyRing
{
    public const int MaxFiles = 8;

    /// <summary>How often the files are looked at.</summary>
    public static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(5);

    /// <summary>How long a key that is gone is published: longer than any token, and than backends go without asking for keys.</summary>
    public static readonly TimeSpan RetiredFor = TimeSpan.FromMinutes(15);

    private const int MaxBytes = 64 * 1024;

    private readonly string[] _files;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly List<(SigningKey Key, long Since)> _retired = [];
    private (DateTime, long)[] _stamps = [];
    private long _checked;
    private bool _isFailing;
    private SigningKey[] _keys = [];
    private volatile SigningKey _current = null!;

    private SigningKeyRing(IEnumerable<string> files, TimeProvider time, ILogger logger)
    {
        _files = [.. files];
        _time = time;
        _logger = logger;
    }

    /// <summary>The key that signs.</summary>
    public SigningKey Current => _current;

    /// <summary>Reads the files.</summary>
    /// <returns><see langword="null"/> when one of them cannot be used.</returns>
    public static SigningKeyRing? Open(List<string> files, string path, ConfigurationErrors errors, TimeProvider time, ILogger logger)
    {
        var ring = new SigningKeyRing(files, time, logger);
        var keys = new SigningKey[files.Count];
        var before = errors.All.Count;
        ring._stamps = ring.Stamp();
        for (var i = 0; i < files.Count; i++)
        {
            try
            {
                keys[i] = Read(files[i]);
            }
            catch (Exception exception) when (IsExpected(exception))
            {
                errors.Add($"{path}:{i}", $"'{files[i]}' cannot be used: {exception.Message}.");
            }
        }

        ring._checked = time.GetTimestamp();
        ring._keys = keys;
        ring._current = keys[0];
        return errors.All.Count > before ? null : ring;
    }

    public bool IsOf(List<string> files) => _files.AsSpan().SequenceEqual([.. files]);

    /// <summary>Publishes for a while what another ring has published that this one takes the place of.</summary>
    public void Retire(SigningKeyRing? other)
    {
        if (other is null)
        {
            return;
        }

        lock (other._lock)
        {
            _retired.AddRange(other._retired);
            _retired.AddRange(other._keys.Select(key => (key, _time.GetTimestamp())));
        }
    }

    /// <summary>Looks at the files when it is time for it; nobody waits for somebody else who does.</summary>
    public void Refresh()
    {
        if (_time.GetElapsedTime(Volatile.Read(ref _checked)) < CheckInterval || !_lock.TryEnter())
        {
            return;
        }

        try
        {
            Volatile.Write(ref _checked, _time.GetTimestamp());
            _retired.RemoveAll(retired => _time.GetElapsedTime(retired.Since) > RetiredFor);
            var stamps = Stamp();
            if (!stamps.AsSpan().SequenceEqual(_stamps))
            {
                Replace([.. _files.Select(Read)]);
                _stamps = stamps;
                _isFailing = false;
            }
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            if (!_isFailing)
            {
                _isFailing = true;
                Log.Unreadable(_logger, exception.Message);
            }
        }
        finally
        {
            _lock.Exit();
        }
    }

    /// <summary>The public keys, as a JWK set (RFC 7517, 5).</summary>
    public ReadOnlyMemory<byte> WriteJwks()
    {
        Refresh();
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteStartArray("keys");
        lock (_lock)
        {
            foreach (var key in _keys.Concat(_retired.Select(static retired => retired.Key)).DistinctBy(static key => key.KeyId))
            {
                key.WritePublic(json);
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private void Replace(SigningKey[] keys)
    {
        var now = _time.GetTimestamp();
        foreach (var gone in _keys.Where(old => !keys.Any(key => key.KeyId == old.KeyId)))
        {
            _retired.Add((gone, now));
        }

        _keys = keys;
        _current = keys[0];
        Log.Replaced(_logger, _current.KeyId);
    }

    private (DateTime, long)[] Stamp() =>
        [.. _files.Select(static file => new FileInfo(file)).Select(static file => file.Exists ? (file.LastWriteTimeUtc, file.Length) : default)];

    private static SigningKey Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length > MaxBytes)
        {
            throw new IOException($"it has more than {MaxBytes} bytes");
        }

        using var reader = new StreamReader(stream);
        return SigningKey.Parse(reader.ReadToEnd());
    }

    private static bool IsExpected(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or NotSupportedException;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Tokens for backends are signed with the key {KeyId} from now on.")]
        public static partial void Replaced(ILogger logger, string keyId);

        [LoggerMessage(2, LogLevel.Error, "A key file has changed and cannot be used; the keys in force stay. {Reason}")]
        public static partial void Unreadable(ILogger logger, string reason);
    }
}
