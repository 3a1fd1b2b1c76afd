namespace Tastemaker.Core.Imaging.Generation;

/// <summary>Where it is written how a picture was made.</summary>
public enum GenerationPlace
{
    /// <summary>In chunks or segments of the file.</summary>
    Metadata,

    /// <summary>Hidden in the lowest bits of its pixels.</summary>
    Pixels,

    /// <summary>In a text file of its name.</summary>
    Sidecar,
}
