-- Sends every radiograph that Orthanc receives to Thorax, and nothing that came from there.

local RADIOGRAPHS = {
  ["1.2.840.10008.5.1.4.1.1.1"] = true,      -- Computed Radiography
  ["1.2.840.10008.5.1.4.1.1.1.1"] = true,    -- Digital X-Ray, for presentation
  ["1.2.840.10008.5.1.4.1.1.1.1.1"] = true,  -- Digital X-Ray, for processing
  ["1.2.840.10008.5.1.4.1.1.7"] = true,      -- Secondary Capture: many archives keep films as such
}

function OnStoredInstance(instanceId, tags, metadata, origin)
  if origin["RemoteAet"] ~= "THORAX" and RADIOGRAPHS[tags["SOPClassUID"]] then
    SendToModality(instanceId, "thorax")
  end
end
