using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Tastemaker.App.Web;

/// <summary>
/// Where the framework keeps the keys that it makes at its start: in memory, as nothing here is signed or encrypted with them,
/// rather than in the user's home.
/// </summary>
internal sealed class PassingKeys : IXmlRepository
{
    private readonly Lock _turn = new();
    private readonly List<XElement> _keys = [];

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (_turn)
        {
            return [.. _keys.Select(key => new XElement(key))];
        }
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        lock (_turn)
        {
            _keys.Add(new(element));
        }
    }
}
