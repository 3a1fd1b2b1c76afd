using System.Net;
using Tastemaker.Core.Embedding;
using Tastemaker.Core.Painting;
using Tastemaker.Core.Platform;

namespace Tastemaker.App;

/// <summary>Serves the studio to browsers and programs until it is cancelled.</summary>
/// <exception cref="UserException">The port is in use, or the address is not this machine's.</exception>
internal delegate Task Serve(ServeRequest request, CancellationToken cancel);

/// <summary>Paints what is left of a run, by the run's own plan, and settles it. For one run at a time.</summary>
/// <param name="watch">Told after each step.</param>
/// <param name="finished">Told of each picture.</param>
internal delegate void PaintQueued(QueuedRun run, Action<PaintStep> watch, Action<PaintOutcome> finished, CancellationToken cancel);

/// <summary>With what pages paint.</summary>
/// <param name="Plan">Of what they ask for.</param>
/// <param name="Rules">Of the plan's checkpoint.</param>
internal sealed record ServedPainting(PaintPlan Plan, PaintRules Rules, PaintQueued Paint);

/// <summary>What is to be served, and how. The workspace stays the caller's.</summary>
/// <param name="Paths">Files, folders and patterns whose images enter the studio, also those that come later.</param>
/// <param name="Encoder">Describes them; stays the caller's.</param>
internal sealed record ServeRequest(Workspace Workspace, IReadOnlyList<string> Paths, IEncoder Encoder)
{
    public const int DefaultPort = 7117;

    /// <summary>0 for any that is free.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>The address to listen on; null for this machine alone. Whoever comes to an address that is given needs the token.</summary>
    public IPAddress? Host { get; init; }

    /// <summary>Null where nothing is painted.</summary>
    public ServedPainting? Painting { get; init; }

    /// <summary>Told once, when requests are answered, with what a browser has to open; the token is in it.</summary>
    public Action<Uri> Listening { get; init; } = _ => { };

    /// <summary>Told what a person may want to know, a line each.</summary>
    public Action<string> Note { get; init; } = _ => { };

    /// <summary>Told of each file that could not enter the studio, once.</summary>
    public Action<Failure> Failed { get; init; } = _ => { };
}
